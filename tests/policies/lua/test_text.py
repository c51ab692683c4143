"""Strings of UTF-16 units.

Vectors: the .NET pages of System.String (Substring, IndexOf, LastIndexOf, Split, Trim, PadLeft, Compare,
CompareOrdinal), System.Char and System.Text.StringBuilder; Python's UTF-16 as an oracle for units.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import listed, quoted, value

TEXTS = st.text(st.sampled_from("abABéÉßж😀\U0001d4b3 ,\u00a0\u0301"), max_size=12)


def units(text: str) -> list[int]:
    """The UTF-16 units of a text."""
    data = text.encode("utf-16-le", "surrogatepass")
    return [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)]


def of_units(found: list[int]) -> str:
    """The text of units; halves of pairs stay halves."""
    return b"".join(u.to_bytes(2, "little") for u in found).decode("utf-16-le", "surrogatepass")


@given(text=TEXTS, start=st.integers(-1, 15), count=st.integers(-1, 15))
def test_substring(vm: LuaRuntime, text: str, start: int, count: int) -> None:
    """Indices count units, pairs may be cut in halves, and what lies outside throws."""
    all_units = units(text)
    assert value(vm, f"R.length({quoted(text)})") == len(all_units)
    call = f"R.substring({quoted(text)}, {start}, {count})"
    if start < 0 or count < 0 or start + count > len(all_units):
        with pytest.raises(Thrown):
            value(vm, call)
    else:
        assert value(vm, call) == of_units(all_units[start : start + count])
        removed = of_units(all_units[:start] + all_units[start + count :])
        assert units(value(vm, f"R.remove({quoted(text)}, {start}, {count})")) == units(removed)
    if 0 <= start < len(all_units):
        assert value(vm, f"R.char_at({quoted(text)}, {start})") == all_units[start]
    else:
        with pytest.raises(Thrown, match="Index was outside the bounds of the array"):
            value(vm, f"R.char_at({quoted(text)}, {start})")


@given(text=TEXTS, part=TEXTS, start=st.integers(0, 4))
def test_places(vm: LuaRuntime, text: str, part: str, start: int) -> None:
    """IndexOf and LastIndexOf give places in units."""
    prefix = text[:start]
    begin = len(units(prefix))
    place = text.find(part, len(prefix))
    expected = -1 if place < 0 else len(units(text[:place]))
    assert value(vm, f"R.text_index({quoted(text)}, {quoted(part)}, {begin})") == expected
    last = text.rfind(part)
    assert value(vm, f"R.text_last_index({quoted(text)}, {quoted(part)})") == (
        -1 if last < 0 else len(units(text[:last]))
    )
    assert value(vm, f"R.contains({quoted(text)}, {quoted(part)})") is (part in text)
    assert value(vm, f"R.starts_with({quoted(text)}, {quoted(part)})") is text.startswith(part)
    assert value(vm, f"R.ends_with({quoted(text)}, {quoted(part)})") is text.endswith(part)
    if part:
        assert value(vm, f"R.replace({quoted(text)}, {quoted(part)}, 'x')") == text.replace(part, "x")
        assert listed(vm, f"R.split_text({quoted(text)}, {quoted(part)})") == text.split(part)


@given(text=TEXTS)
def test_units_come_back(vm: LuaRuntime, text: str) -> None:
    """To characters and back, trimming, and case."""
    assert value(vm, f"R.from_units(R.units({quoted(text)}))") == text
    assert value(vm, f"R.trim({quoted(text)})") == text.strip()
    assert value(vm, f"R.trim_end({quoted(text)})") == text.rstrip()
    assert value(vm, f"R.lower({quoted(text)})") == text.lower()
    # ß has no upper case of one character.
    assert value(vm, f"R.upper({quoted(text)})") == "".join(c if c in "ß\U0001d4b3" else c.upper() for c in text)


def test_halves(vm: LuaRuntime) -> None:
    """Half of a pair is a unit like others: it can be looked for, and meets its other half again."""
    high, low = quoted("\ud83d"), quoted("\ude00")
    assert value(vm, f'R.text_index("a😀b", {low})') == 2
    assert value(vm, f'R.text_last_index("a😀b😀", {high})') == 4
    assert value(vm, f'R.contains("😀", {high})') is True
    assert value(vm, "R.text_of_chars({n = 2, 0xD83D, 0xDE00})") == "😀"
    assert value(vm, f"R.length({high})") == 1


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('R.text_index("hello", "")', 0), ('R.text_index("abcabc", "c", 3)', 5),
        ('R.text_index("abcabc", "c", 0, 2)', -1),
        ('R.text_index("Now IS", "is", nil, nil, 5)', 4), ('R.text_index("ÄÖ", "ö", nil, nil, 5)', 1),
        ('R.text_index_char("abc", 99)', 2), ('R.text_last_index("abcabc", "b", 3)', 1),
        ('R.text_last_index("abc", "")', 3),
        ('R.text_last_index("abcabc", "c", 5, 2)', 5), ('R.text_last_index("", "a")', -1),
        ('R.text_index_any("hello", {n = 2, 108, 101})', 1), ('R.text_last_index_any("hello", {n = 1, 108})', 3),
        ('R.contains("Hello", "hELLO", 5)', True), ('R.starts_with("ÄB", "äb", 5)', True),
        ('R.ends_with("a.JSON", ".json", 5)', True),
        ('R.text_equals("file", "FILE", 5)', True), ('R.text_equals("file", "FILE", 4)', False),
        ("R.text_equals(nil, nil, 5)", True),
        ('R.text_equals("ß", "SS", 5)', False), ('R.compare_ordinal("a", "c")', -2),
        ('R.compare_ordinal("abc", "ab")', 1),
        ('R.compare_ordinal("", nil)', 1), ('R.compare_text("a", "B")', -1), ('R.compare_text("a", "A")', -1),
        ('R.compare_text("A", "a", true)', 0), ('R.compare_text("résumé", "resume")', 1),
        ('R.compare_text("resume2", "résumé")', 1),
        ('R.compare_text("_a", "1")', -1), ('R.compare_text(nil, "")', -1), ('R.compare_as("a", "A", 5)', 0),
        ('R.insert("aaabbb", 3, " ")', "aaa bbb"), ('R.remove("abc---def", 3)', "abc"),
        ('R.remove("abc---def", 3, 3)', "abcdef"),
        ('R.pad_left("forty-two", 15, 46)', "......forty-two"), ('R.pad_right("a", 3)', "a  "),
        ('R.pad_left("abc", 2)', "abc"),
        ('R.trim("***much ado***", {n = 1, 42})', "much ado"), ('R.trim_start("/a/", {n = 1, 47})', "a/"),
        ('R.trim("äaä", {n = 1, 0xE4})', "a"),
        ('R.trim(" \\t\\n a b ")', "a b"), ('R.replace_char("a-b-c", 45, 95)', "a_b_c"),
        ('R.replace("aXbx", "x", "-", 5)', "a-b-"),
        ('R.replace("a", "a", nil)', ""), ('R.text_of_char(120, 3)', "xxx"),
        ('R.is_white("\\226\\128\\131 ")', True), ("R.is_empty(nil)", True),
        ('R.join(",", {n = 3, "a", nil, "c"})', "a,,c"), ('R.join_as("-", {n = 2, 1.5, 2}, "double")', "1.5-2"),
        ('R.join_range("+", {n = 3, "a", "b", "c"}, 1, 2)', "b+c"),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, call: str, expected: object) -> None:
    """One value each."""
    assert value(vm, call) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('R.split_char("a,b,,c", 44)', ["a", "b", "", "c"]), ('R.split_char("a,b,,c", 44, nil, 1)', ["a", "b", "c"]),
        ('R.split_char("a,b,c", 44, 2)', ["a", "b,c"]), ('R.split_char("a,,b,c", 44, 2, 1)', ["a", "b,c"]),
        ('R.split_char(",a,,b", 44, 1, 0)', [",a,,b"]), ('R.split_char("a,b", 44, 0)', []),
        ('R.split_char("", 44)', [""]), ('R.split_char("", 44, nil, 1)', []),
        ('R.split_char(" a , ,b", 44, nil, 3)', ["a", "b"]),
        ('R.split_char(" a , b", 44, nil, 2)', ["a", "b"]),
        ('R.split_chars("one two.three:four,five\\tsix", {n = 5, 32, 44, 46, 58, 9})',
         ["one", "two", "three", "four", "five", "six"]),
        ('R.split(" a b\\tc", nil)', ["", "a", "b", "c"]), ('R.split("a\\194\\160b", nil)', ["a", "b"]),
        ('R.split_text("abc", "")', ["abc"]),
        ('R.split("[stop]ONE[stop][stop]TWO[stop]", {n = 1, "[stop]"}, nil, 1)', ["ONE", "TWO"]),
        ('R.split("[stop]ONE[stop][stop]TWO", {n = 1, "[stop]"})', ["", "ONE", "", "TWO"]),
        ('R.split("a<>b<c", {n = 2, "<", "<>"})', ["a", ">b", "c"]),
        ('R.split("a<>b<c", {n = 2, "<>", "<"})', ["a", "b", "c"]),
    ],
)  # fmt: skip
def test_split(vm: LuaRuntime, call: str, expected: list[str]) -> None:
    """Counts, options, several separators: the first that is listed wins where several stand."""
    assert listed(vm, call) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('R.substring("abc", 4)', "startIndex cannot be larger than length of string. (Parameter 'startIndex')"),
        ('R.substring("abc", -1)', "StartIndex cannot be less than zero. (Parameter 'startIndex')"),
        ('R.substring("abc", 1, 3)',
         "Index and length must refer to a location within the string. (Parameter 'length')"),
        ('R.text_index("abc", nil)', "Value cannot be null. (Parameter 'value')"),
        ('R.replace("abc", "", "x")', "String cannot be of zero length. (Parameter 'oldValue')"),
        ('R.pad_left("a", 2147483647)', "Insufficient memory to continue the execution of the program."),
        ("R.text_of_char(120, 2147483647)", "Insufficient memory to continue the execution of the program."),
        ('R.replace(string.rep("a", 100000), "a", string.rep("b", 100000))',
         "Insufficient memory to continue the execution of the program."),
        ('R.pad_left("a", -1)', "Non-negative number required. (Parameter 'totalWidth')"),
        ('R.text_equals("a", "b", 6)',
         "The string comparison type passed in is currently not supported. (Parameter 'comparisonType')"),
        ('R.parse_char("ab")', "String must be exactly one character long."),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, call: str, message: str) -> None:
    """What .NET throws; nothing eats the worker's memory."""
    with pytest.raises(Thrown) as thrown:
        value(vm, call)
    assert str(thrown.value) == message


@given(st.binary(max_size=12), st.integers(0, 6))
def test_bytes_that_are_no_text(vm: LuaRuntime, data: bytes, start: int) -> None:
    """Whatever bytes come from outside, lengths and places agree, and nothing breaks."""
    vm.globals().x = data
    length = value(vm, "R.length(x)")
    assert value(vm, "R.units(x).n") == length
    for call in (f"R.substring(x, {start})", f"R.char_at(x, {start})"):
        if start < length:
            value(vm, f"#R.text({call})")
        elif start > length:
            with pytest.raises(Thrown):
                value(vm, call)
    for call in (
        "R.upper(x)",
        "R.lower(x)",
        "R.trim(x)",
        "R.utf8_text(x)",
        "R.escape_data_string(x)",
        "R.html_encode(x)",
    ):
        value(vm, f"#{call}")


def test_builder(vm: LuaRuntime) -> None:
    """StringBuilder appends, inserts, removes and replaces in place."""
    vm.execute(b"b = R.string_builder('ab')")
    for call in ("append(b, 'cd')", "line(b, 'e')", "insert(b, 1, '-')", "remove(b, 0, 1)", "replace(b, 'cd', 'ä')"):
        value(vm, f"R.builder_{call} == b")
    assert value(vm, "R.text(b)") == "-bäe\r\n"
    assert value(vm, "R.builder_length(b)") == 6
    assert value(vm, "R.builder_at(b, 2)") == ord("ä")
    assert value(vm, "R.text(R.builder_set_length(b, 2))") == "-b"
    assert value(vm, "R.text(R.builder_clear(b))") == ""


def test_comparers(vm: LuaRuntime) -> None:
    """StringComparer by the value of StringComparison."""
    assert value(vm, "R.string_comparer(5).equals('a', 'A')") is True
    assert value(vm, "R.string_comparer(4).equals('a', 'A')") is False
    assert value(vm, "R.string_comparer(5).hash('ä') == R.string_comparer(5).hash('Ä')") is True
