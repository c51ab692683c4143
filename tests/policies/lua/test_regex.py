"""Regular expressions: .NET's syntax and semantics.

Values: examples and rules of the .NET reference pages "Regular Expression Language - Quick Reference" and the pages it
links (character escapes, character classes, anchors, grouping constructs, quantifiers, backreference constructs,
alternation, substitutions, options), and of Regex.Split, Regex.Escape and Group.Captures.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from lua_values import shown, thrown

IGNORE, M, N, S, X = 1, 2, 4, 16, 32


def quoted(text: str) -> str:
    """A Lua string."""
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode("utf-8", "surrogatepass")) + '"'


def matches(vm: LuaRuntime, pattern: str, text: str, options: int = 0) -> list[tuple[int, int, str]]:
    """Index, length and value of all matches."""
    source = f"""
    local list, out = R.regex_matches(R.regex({quoted(pattern)}, {options}), {quoted(text)}), {{}}
    for i = 1, list.n do out[i] = list[i].index .. " " .. list[i].length .. " " .. R.capture_value(list[i]) end
    return table.concat(out, "\\1")
    """
    value = vm.execute(source.encode())
    if not value:
        return []
    parts = [part.split(" ", 2) for part in value.decode("utf-8", "surrogatepass").split("\1")]
    return [(int(index), int(length), found) for index, length, found in parts]


def found(vm: LuaRuntime, pattern: str, text: str, options: int = 0) -> list[str]:
    """The values of all matches."""
    return [value for _, _, value in matches(vm, pattern, text, options)]


@pytest.mark.parametrize(
    ("pattern", "text", "options", "expected"),
    [
        ("gr[ae]y", "The gray wolf melted into the grey wall.", 0, ["gray", "grey"]),
        (r"\bth[^o]\w+\b", "thought thing though them through thus thorough this", 0, ["thing", "them", "through",
                                                                                        "thus", "this"]),
        (r"^.+", "This is one line and\nthis is the second.", 0, ["This is one line and"]),
        (r"^.+", "This is one line and\nthis is the second.", S, ["This is one line and\nthis is the second."]),
        (r"^.+", "a\nb", M, ["a", "b"]),
        (r"\b(\p{IsGreek}+(\s)?)+\p{Pd}\s(\p{IsBasicLatin}+(\s)?)+", "Κατα Μαθθαίον - The Gospel of Matthew", 0,
         ["Κατα Μαθθαίον - The Gospel of Matthew"]),
        (r"(\P{Sc})+", "$164,091.78", 0, ["164,091.78"]),
        (r"^[0-9-[2468]]+$", "123", 0, []),
        (r"^[0-9-[2468]]+$", "1357", 0, ["1357"]),
        (r"[a-z-[aeiou-[e]]]+", "abcde", 0, ["bcde"]),
        (r"\b91*9*\b", "99 95 919 929 9119 9219 999 9919 91119", 0, ["99", "919", "9119", "999", "91119"]),
        (r"\ban+\w*?\b", "Autumn is a great time for an annual announcement to all antique collectors.", 0,
         ["an", "annual", "announcement", "antique"]),
        (r"\ban?\b", "An amiable animal with a large snout and an animated nose.", 0, ["a", "an"]),
        (r"\b\d+\,\d{3}\b", "Sales totaled 103,524 million in January, 106,971 million in February", 0,
         ["103,524", "106,971"]),
        (r"\b\w*?oo\w*?\b", "woof root root rob oof woo woe", 0, ["woof", "root", "root", "oof", "woo"]),
        (r"(00\s){2,4}", "0x00 FF 00 00 18 17 FF 00 00 00 21 00 00 00 00 00", 0,
         ["00 00 ", "00 00 00 ", "00 00 00 00 "]),
        (r"\b\w+(?=\sis\b)", "The dog is a Malamute.", 0, ["dog"]),
        (r"\b(?!un)\w+\b", "unite one unethical ethics use untie ultimate", 0, ["one", "ethics", "use", "ultimate"]),
        (r"(?<=\b20)\d{2}\b", "2010 1999 1861 2140 2009", 0, ["10", "09"]),
        (r"(?<!(Saturday|Sunday) )\b\w+ \d{1,2}, \d{4}\b", "Monday February 1, 2010", 0, ["February 1, 2010"]),
        (r"(?<!(Saturday|Sunday) )\b\w+ \d{1,2}, \d{4}\b", "Saturday February 6, 2010", 0, []),
        (r"(?<=(a)(b)?c)d", "abcd acd", 0, ["d", "d"]),
        (r"(\w)\1", "trellis llama webbing dresser swagger", 0, ["ll", "ll", "bb", "ss", "gg"]),
        (r"(?<char>\w)\k<char>", "trellis llama webbing", 0, ["ll", "ll", "bb"]),
        (r"(?<2>\w)\k'2'", "trellis", 0, ["ll"]),
        (r"(\w)(\1.)", "aab", 0, ["aab"]),
        (r"((\w+)(\s?)){2,}", "one two", 0, ["one two"]),
        (r"(?>(\w)\1+).\b", "aaad aaaa", 0, ["aaad"]),
        (r"\bd\w*\s", "Dogs are decidedly good pets.", IGNORE, ["Dogs ", "decidedly "]),
        (r"\b(?i:t)he\w*\b", "The then THE the", 0, ["The", "then", "the"]),
        (r"\bA(?i)b\w*\b", "Abc aBc ABc", 0, ["Abc", "ABc"]),
        (r"a(?-i)b", "AB Ab aB ab", IGNORE, ["Ab", "ab"]),
        (r"\b \( ? ( (?>\w+) ,?\s? )+  [\.!?] \)? # a sentence", "This is the first sentence.", X,
         ["This is the first sentence."]),
        (r"a (?#comment) b", "a  b", 0, ["a  b"]),
        (r"[ x]y#c", " y xy", X, [" y", "xy"]),
        (r"(a)|(b)|", "ab", 0, ["a", "b", ""]),
        (r"a*", "baac", 0, ["", "aa", "", ""]),
        (r"a*?", "aa", 0, ["", "", ""]),
        (r"a+?b??", "aab", 0, ["a", "a"]),
        (r"(a|ab)(c|bcd)(d*)", "abcd", 0, ["abcd"]),
        (r"(?:a|b){2}?c", "abac", 0, ["bac"]),
        (r"x{,3}", "x{,3}", 0, ["x{,3}"]),
        (r"x{a}", "x{a}", 0, ["x{a}"]),
        (r"()*a", "a", 0, ["a"]),
        (r"(a?)*b", "aab", 0, ["aab"]),
        (r"(a?)*?b", "aab", 0, ["aab"]),
        (r"(?:(a)|b)*", "ab", 0, ["ab", ""]),
        (r"\x41\u0042\103\t", "ABC\t", 0, ["ABC\t"]),
        (r"\cB\e\a[\b]", "\x02\x1b\x07\x08", 0, ["\x02\x1b\x07\x08"]),
        (r"[]a]+", "]a", 0, ["]a"]),
        (r"[^]a]+", "]ab", 0, ["b"]),
        (r"[a\-z]+", "a-z b", 0, ["a-z"]),
        (r"[-a]+[a-]", "-a-", 0, ["-a-"]),
        (r"[\w-]+", "a-b c", 0, ["a-b", "c"]),
        (r"[^\W\d]+", "ab12é", 0, ["ab", "é"]),
        (r"\d+", "12 ١٢", 0, ["12", "١٢"]),
        (r"\s+", "a\u2003b\u0085c", 0, ["\u2003", "\u0085"]),
        (r"[A-Z]+", "abÇ", IGNORE, ["ab"]),
        (r"é", "É", IGNORE, ["É"]),
        (r"[à-ý]+", "ÀÉ", IGNORE, ["ÀÉ"]),
        (r"(a)\1", "aA", IGNORE, ["aA"]),
        (r"a$", "a\n", 0, ["a"]),
        (r"a\z", "a\n", 0, []),
        (r"a\Z", "a\n", 0, ["a"]),
        (r"a$", "a\na", M, ["a", "a"]),
        (r"\Aa", "a\na", M, ["a"]),
        (r"\G\(\d\)", "(1)(3)(5)[7](9)", 0, ["(1)", "(3)", "(5)"]),
        (r"\Bqu\w+", "equity queen equip acquaint quiet", 0, ["quity", "quip", "quaint"]),
        (r".", "a😀", 0, ["a", "\ud83d", "\ude00"]),
        (r"😀", "a😀", 0, ["😀"]),
        (r"\(([^()]*)\)", "(a)(b)", 0, ["(a)", "(b)"]),
        (r"(?<a>x)|y", "y", N, ["y"]),
        (r"", "ab", 0, ["", "", ""]),
        (r"a||b", "b", 0, ["", ""]),
        (r"[\u0041-\x43]+", "ABCD", 0, ["ABC"]),
        (r"(?<![a-z])b", "ab b", 0, ["b"]),
        (r"(?<=a+?)b", "aab", 0, ["b"]),
        (r"(?<=(\w)\1)x", "aax abx", 0, []),
        (r"(?<=\1(\w))x", "aax abx", 0, ["x"]),
        (r"(?i)\p{Lu}[\p{Lu}]", "aBC", 0, ["BC"]),
    ],
)  # fmt: skip
def test_matches(vm: LuaRuntime, pattern: str, text: str, options: int, expected: list[str]) -> None:
    """What a pattern finds."""
    assert found(vm, pattern, text, options) == expected


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a", "Not enough )'s."), ("a)", "Too many )'s."), ("[a", "Unterminated [] set."), ("[]", "Unterminated []"),
        ("*a", "Quantifier '*' following nothing."), ("a**", "Nested quantifier '*'."), ("a++", "Nested quantifier"),
        ("a{2}{3}", "Nested quantifier '{'."), ("a{3,2}", "Illegal {x,y} with x > y."), ("[z-a]", "reverse order."),
        ("a\\", "Illegal \\ at end of pattern."), (r"\_", "Unrecognized escape sequence \\_."),
        (r"\y", "Unrecognized escape sequence \\y."), (r"(a)\2", "Reference to undefined group number 2."),
        (r"\k<x>", "Reference to undefined group name x."), (r"\k", "Malformed \\k<...> named back reference."),
        (r"(?<>a)", "Invalid group name"), (r"(?P<a>b)", "Unrecognized grouping construct."), (r"(?", "Unrecognized"),
        (r"\p{Foo}", "Unknown property 'Foo'."), (r"\pL", "Incomplete \\p{X} character escape."),
        (r"\x4", "hexadecimal digits."), (r"\u12", "hexadecimal digits."), (r"\c", "Missing control character."),
        (r"[a-\d]", "Cannot include class"), (r"(?#a", "Unterminated (?#...) comment."), (r"(?<0>a)", "be zero"),
        (r"(?<a-b>x)", "balancing groups are not supported"), (r"(?(a)b|c)", "conditional expressions are not"),
        ("(" * 70 + ")" * 70, "groups nested so deep are not supported"), ("a" * 10_001, "too long"),
    ],
)  # fmt: skip
def test_patterns_that_are_refused(vm: LuaRuntime, pattern: str, reason: str) -> None:
    """With .NET's reasons, or with what is not supported here."""
    assert reason in thrown(vm, f"R.regex({quoted(pattern)})")


@pytest.mark.parametrize("option", [64, 256, 1024])
def test_options_that_are_refused(vm: LuaRuntime, option: int) -> None:
    """RightToLeft, ECMAScript, NonBacktracking."""
    assert thrown(vm, f"R.regex('a', {option})").endswith("is not supported here.")


def groups(vm: LuaRuntime, pattern: str, text: str) -> str:
    """Name, success and value of every group of the first match."""
    source = f"""
    local list, out = R.items(R.match_groups(R.regex_match(R.regex({quoted(pattern)}), {quoted(text)}))), {{}}
    for i = 1, list.n do
      out[i] = R.group_name(list[i]) .. "=" .. (list[i].success and R.capture_value(list[i]) or "-")
    end
    return table.concat(out, " ")
    """
    value = vm.execute(source.encode())
    assert isinstance(value, bytes)
    return value.decode()


def test_groups_are_numbered_as_in_net(vm: LuaRuntime) -> None:
    """Those without a name first, then those with one; numbers may be given."""
    assert groups(vm, r"(?<first>\w+)\s(\w+)", "one two") == "0=one two 1=two first=one"
    assert groups(vm, r"(?<5>a)(b)(?<n>c)", "abc") == "0=abc 1=b n=c 5=a"
    assert groups(vm, r"(a)|(b)", "b") == "0=b 1=- 2=b"
    assert groups(vm, r"max-age=(?<maxAge>\d+)", "public, max-age=60") == "0=max-age=60 maxAge=60"


def test_captures(vm: LuaRuntime) -> None:
    """All captures of a group that repeats, and the last one as the group's."""
    vm.execute(rb"""m = R.regex_match(R.regex("\\b(\\w+\\s*)+"), "This is a test.")""")
    assert shown(vm, "R.group_captures(R.group_by_number(R.match_groups(m), 1))") == "4:This ,is ,a ,test"
    assert vm.execute(b"return R.capture_value(R.group_by_number(R.match_groups(m), 1))") == b"test"
    assert vm.execute(b"return R.group_by_name(R.match_groups(m), 'none').success") is False
    assert vm.execute(b"return R.capture_value(R.group_by_name(R.match_groups(m), '1'))") == b"test"
    assert vm.execute(b"return R.group_count(R.match_groups(m)), R.group_has_name(R.match_groups(m), 'x')") == (
        2,
        False,
    )
    assert vm.execute(b"return R.regex_next(m).success, R.capture_value(R.regex_next(m))") == (False, b"")
    # What failed alternatives captured is forgotten.
    assert groups(vm, r"(?:(a)b|ac)", "ac") == "0=ac 1=-"
    assert groups(vm, r"(?=(a))(?!(b))a", "a") == "0=a 1=a 2=-"
    assert groups(vm, r"(?>(a)|b)*c|.*", "ab") == "0=ab 1=-"


@pytest.mark.parametrize(
    ("pattern", "text", "replacement", "expected"),
    [
        (r"\p{Sc}*(\s?\d+[.,]?\d*)\p{Sc}*", "$16.32 12.19 £16.29 €18.29", "$1", "16.32 12.19 16.29 18.29"),
        (r"\p{Sc}*(?<amount>\s?\d+[.,]?\d*)\p{Sc}*", "$16.32", "${amount}", "16.32"),
        (r"\b(\d+)(\.(\d+))?", "5.6", "$$ $1$2", "$ 5.6"),
        (r"^(\w+\s?)+$", "The Caddy", '"$&"', '"The Caddy"'),
        (r"\d+", "aa1bb2cc", "$`", "aaaabbaa1bbcc"),
        (r"\d+", "aa1bb2cc", "$'", "aabb2ccbbcccc"),
        (r"\b(\w+)\s\1\b", "the the dog", "$+", "the dog"),
        (r"\d+", "ABC123DEF456", "$_", "ABCABC123DEF456DEFABC123DEF456"),
        (r"a", "a", "$2 $x ${x} $ $", "$2 $x ${x} $ $"),
        (r"(a)", "a", "${1}0$10", "a0$10"),
        (r"", "ab", "-", "-a-b-"),
        (r"x*", "axb", "-", "-a--b-"),
        (r"é", "aéb", "😀", "a😀b"),
        (r"z", "ab", "-", "ab"),
    ],
)  # fmt: skip
def test_replace(vm: LuaRuntime, pattern: str, text: str, replacement: str, expected: str) -> None:
    """Substitutions."""
    source = f"return R.regex_replace(R.regex({quoted(pattern)}), {quoted(text)}, {quoted(replacement)})"
    assert vm.execute(source.encode()).decode() == expected


def test_replace_by_function(vm: LuaRuntime) -> None:
    """A MatchEvaluator; at most so many times."""
    source = b"""local up = function(m) return string.upper(R.capture_value(m)) end
    local r = R.regex("\\\\b[a-z]")
    return R.regex_replace_by(r, "one two three", up), R.regex_replace_by(r, "one two three", up, 1)"""
    assert vm.execute(source) == (b"One Two Three", b"One two three")


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("-", "plum-pear", "2:plum,pear"), ("(-)", "plum-pear", "3:plum,-,pear"), ("-", "plum--pear", "3:plum,,pear"),
        (r"(-)|([|])", "a-b|c", "5:a,-,b,|,c"), ("", "ab", "4:,a,b,"), ("x", "ab", "1:ab"), ("-", "-a-", "3:,a,"),
        (r"\d+", "1a2", "3:,a,"),
    ],
)  # fmt: skip
def test_split(vm: LuaRuntime, pattern: str, text: str, expected: str) -> None:
    """Parts, with what groups captured between them."""
    assert shown(vm, f"R.regex_split(R.regex({quoted(pattern)}), {quoted(text)})") == expected


def test_split_with_a_count(vm: LuaRuntime) -> None:
    """At most so many parts."""
    assert shown(vm, "R.regex_split(R.regex('-'), 'a-b-c', 2)") == "2:a,b-c"
    assert shown(vm, "R.regex_split(R.regex('-'), 'a-b-c', 1)") == "1:a-b-c"


def test_escape(vm: LuaRuntime) -> None:
    """Escape and Unescape."""
    assert vm.execute(b"return R.regex_escape('a.b*c [x] #1\\n')") == rb"a\.b\*c\ \[x]\ \#1\n"
    assert vm.execute(rb"return R.regex_unescape('a\\.b\\n\\x41')") == b"a.b\nA"


def test_places_are_utf16_units(vm: LuaRuntime) -> None:
    """Index and Length count as .NET does."""
    assert matches(vm, "b+", "😀éabb") == [(4, 2, "bb")]
    assert vm.execute("return R.regex_match(R.regex('b'), '😀b', 2).index".encode()) == 2
    assert vm.execute("return R.regex_is_match(R.regex('b'), 'b😀', 1)".encode()) is False
    assert "Start index" in thrown(vm, "R.regex_match(R.regex('b'), 'b', 2)")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 40 + "b"), ("(a|aa)+$", "a" * 60 + "b"), ("(.*)*x", "a" * 60), ("(?=(a+)+$)b", "a" * 60 + "b"),
        ("(a|b|ab)*c", "ab" * 60), ("(x+x+)+y", "x" * 60), (r"(\w*)*\1z", "a" * 60), ("(?<=x(a+)+b)c", "a" * 60 + "bc"),
    ],
)  # fmt: skip
def test_no_pattern_holds_a_worker(vm: LuaRuntime, pattern: str, text: str) -> None:
    """Catastrophic backtracking ends in an exception."""
    vm.execute(b"R.refill()")
    problem = thrown(vm, f"R.regex_match(R.regex({quoted(pattern)}), {quoted(text)})")
    assert problem == "The policies of this request take too many steps."
    vm.execute(b"R.refill()")


def test_long_texts_need_no_recursion(vm: LuaRuntime) -> None:
    """Loops over groups keep their state on a stack of their own."""
    vm.execute(b"R.refill()")
    assert len(found(vm, "(?:a|b)*", "ab" * 20_000)[0]) == 40_000
    vm.execute(b"R.refill()")
    assert len(found(vm, ".*", "x" * 200_000)[0]) == 200_000
    vm.execute(b"R.refill()")


_ATOMS = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", "(?:ab)", "(a)", "(b|ab)", r"\b", "^", "$", r"\w", "c"])
_QUANTIFIERS = st.sampled_from(["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?"])
_PATTERNS = st.lists(st.tuples(_ATOMS, _QUANTIFIERS), max_size=5).map(
    lambda parts: "".join(atom if atom in (r"\b", "^", "$") else atom + quantifier for atom, quantifier in parts)
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PATTERNS, min_size=1, max_size=2).map("|".join), st.text("abc \n", max_size=12))
def test_python_agrees(vm: LuaRuntime, pattern: str, text: str) -> None:
    """Where both have the same rules, the first match is Python's."""
    vm.execute(b"R.refill()")
    mine = matches(vm, pattern, text)
    theirs = re.search(pattern.replace(r"\z", r"\Z"), text)
    assert (mine[0][0], mine[0][2]) == (theirs.start(), theirs[0]) if theirs else mine == []
