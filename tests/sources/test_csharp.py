"""C# lexical rules, one literal at a time."""

from __future__ import annotations

import pytest

from tidegate.sources.csharp import extent


@pytest.mark.parametrize(
    "inside",
    [
        '")"',
        r'"\")"',
        r'"\\"',
        '@"\\"',
        '@"a"")"',
        '@"\n)"',
        '$"{a}{{)}}"',
        '$"{a["k"]}"',
        '$"{a[")"]}"',
        """$"{d:yyyy-MM-dd'T'HH}" """,
        '$"{(a ? ")" : b)}"',
        '$"{a,-10:X2}}}"',
        '$"{$"{$"{x}"}"}"',
        '$@"{a:N}"")\n"',
        '@$"{a}"")"',
        '$"{f(x => { return ")"; })}"',
        '$"{global::A.b}"',
        "')'",
        r"'\''",
        r"'\\'",
        "'\"'",
        r"'\u0029'",
        r"'\x29'",
        "a /* ) */ b",
        "a // )\n b",
        "a / b",
        "x[0](1){2}",
        "@class.@if",
        "a ? b : c",
        "x as IList<string>",
        '"http://x/*"',
        "",
    ],
)
def test_brackets_inside_are_not_the_end(inside: str) -> None:
    """The end is the bracket that closes, whatever the code holds."""
    text = f"({inside}))"
    assert extent(text, 0, len(text)).end == len(text) - 1


@pytest.mark.parametrize(
    ("text", "stopped", "problem"),
    [
        ("(a", 0, "`(` has no `)`"),
        ("(a[)", 3, "`[` is closed by `)`"),
        ('("a)', 1, "a string has no end on its line"),
        ('("a\n")', 1, "a string has no end on its line"),
        ('(@"a)', 1, 'a verbatim string @" has no end'),
        ("('ab')", 1, "a character literal has no end"),
        ("(/* )", 1, "a comment `/*` has no `*/`"),
        ("(a // )", 0, "`(` has no `)`"),
        ('($"a)', 1, "an interpolated string has no end on its line"),
        ('($"a\n")', 1, "an interpolated string has no end on its line"),
        ('($@"a)', 1, "an interpolated string has no end"),
        ('($"a}")', 4, "a `}` in an interpolated string stands alone; write `}}`"),
        ('($"{a:x")', 7, "a format has no `}`"),
        ('($"{a)")', 5, "`{` is closed by `)`"),
    ],
)
def test_what_has_no_end_is_named(text: str, stopped: int, problem: str) -> None:
    """The innermost thing that stays open, and where it begins."""
    reached = extent(text, 0, len(text))
    assert reached.end is None
    assert (reached.stopped, reached.problem) == (stopped, problem)


def test_nothing_is_read_behind_the_stop() -> None:
    """The caller's limit ends the search, also inside of literals."""
    assert extent('("a")', 0, 3).problem == "a string has no end on its line"
    assert extent("(a)", 0, 2).end is None


def test_entities_in_code_are_noticed() -> None:
    """They cannot be C#; in strings they can."""
    assert extent("(a &amp;&amp; b)", 0, 16).has_entities
    assert not extent('("&amp;" & b)', 0, 13).has_entities
