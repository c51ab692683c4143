"""Liquid's filters. Source: the Liquid reference's filter pages (values), DotLiquid for C# mode, "set-body policy"."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from liquid_lab import render
from tidegate.policies.liquid.filters import FILTERS, in_pascal_case

BODY = '{"l":["b","a","c"],"o":[{"n":"p","q":3},{"n":"o","q":1},{"q":2}],"s":"Hello World","f":1.256,"e":""}'


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("-17 | Abs", "17"),
        ("'-19.86' | Abs", "19.86"),
        ("'/my/' | Append: '.html'", "/my/.html"),
        ("4 | AtLeast: 5", "5"),
        ("4 | AtMost: 3", "3"),
        ("'my great title' | Capitalize", "My Great Title"),
        ("1.2 | Ceil", "2"),
        ("1.2 | Floor", "1"),
        ("body.o | Map: 'n' | Compact | Join: ','", "p,o"),
        ("body.l | Concat: body.l | Size", "6"),
        ("body.none | Default: 2.99", "2.99"),
        ("body.e | Default: 'x'", "x"),
        ("16 | DividedBy: 4", "4"),
        ("-5 | DividedBy: 3", "-1"),
        ("20 | DividedBy: 7.0 | Round: 4", "2.8571"),
        ("5 | DividedBy: 0", "! Attempted to divide by zero."),
        ("'Parker Moore' | Downcase", "parker moore"),
        ("\"<a href='x'>&\" | Escape", "&lt;a href=&#39;x&#39;&gt;&amp;"),
        ("'<' | H", "&lt;"),
        ("body.l | First", "b"),
        ("body.l | Last", "c"),
        ("body.l | Join", "b a c"),
        ("body.l | Join: ' and '", "b and a and c"),
        ("'  a b ' | Lstrip | Append: '.'", "a b ."),
        ("'  a b ' | Rstrip | Append: '.'", "  a b."),
        ("'  a b ' | Strip | Append: '.'", "a b."),
        ("16 | Minus: 4", "12"),
        ("183.357 | Minus: 12 | Round: 3", "171.357"),
        ("24 | Modulo: 7", "3"),
        ("183.357 | Modulo: 12 | Round: 3", "3.357"),
        ("4 | Plus: 2", "6"),
        ("'1' | Plus: '1'", "11"),
        ("'apples' | Prepend: 'Some '", "Some apples"),
        ("'I sprained the strain' | Remove: 'rain'", "I sped the st"),
        ("'I sprained the strain' | RemoveFirst: 'rain'", "I sped the strain"),
        ("'my.my' | Replace: 'my', 'your'", "your.your"),
        ("'a.b.c' | Replace: '.', '-'", "a-b-c"),
        ("'my.my' | ReplaceFirst: 'my', 'your'", "your.my"),
        ("body.l | Reverse | Join: ''", "cab"),
        ("body.f | Round: 2", "1.26"),
        ("2.7 | Round", "3"),
        ("'Ground control' | Size", "14"),
        ("body.l | Size", "3"),
        ("'Liquid' | Slice: 2, 5", "quid"),
        ("'Liquid' | Slice: -3, 2", "ui"),
        ("'Liquid' | Slice: 0", "L"),
        ("body.l | Sort | Join: ''", "abc"),
        ("body.o | Sort: 'q' | Map: 'q' | Join: ''", "123"),
        ("'John, Paul,' | Split: ', ' | Join: '|'", "John|Paul,"),
        ("'a,,b' | Split: ',' | Size", "2"),
        ("'Have <em>you</em>' | StripHtml", "Have you"),
        ("body.l | Uniq | Size", "3"),
        ("'a a b' | Split: ' ' | Uniq | Join: ''", "ab"),
        ("3 | Times: 2", "6"),
        ("3 | Times: 2.5", "7.5"),
        ("'foo' | Times: 3", "foofoofoo"),
        ("'Ground control to Major Tom.' | Truncate: 20", "Ground control to..."),
        ("'Ground control' | Truncate: 10, ''", "Ground con"),
        ("'Ground control to Major Tom.' | TruncateWords: 3", "Ground control to..."),
        ("'Ground control to Major' | TruncateWords: 3, '--'", "Ground control to--"),
        ("'Parker' | Upcase", "PARKER"),
        ("'%27Stop%21%27+said' | UrlDecode", "'Stop!' said"),
        ("'john@liquid.com a' | UrlEncode", "john%40liquid.com+a"),
        ("body.o | Where: 'n', 'o' | Map: 'q' | Join", "1"),
    ],
)  # fmt: skip
def test_filters(vm: LuaRuntime, markup: str, text: str) -> None:
    """The reference's own examples, with Pascal-case names."""
    assert render(vm, f"{{{{ {markup} }}}}", BODY) == text


def test_lines(vm: LuaRuntime) -> None:
    """Line breaks go, or get a tag."""
    body = '{"t":"a\\r\\nb\\nc"}'
    assert render(vm, "{{ body.t | StripNewlines }}", body) == "abc"
    assert render(vm, "{{ body.t | NewlineToBr }}", body) == "a<br />\r\nb<br />\nc"


def test_names() -> None:
    """What a filter of the reference is called here."""
    assert in_pascal_case("strip_html") == "StripHtml"
    assert in_pascal_case("Upcase") == "Upcase"
    assert all(in_pascal_case(name) == name for name in FILTERS)


VALUES = st.sampled_from(
    ["nil", "true", "''", "'a b'", "'12'", "3", "-1", "1.5", "body.l", "body.o", "body", "empty", "(1..3)", "body.none"]
)


@given(value=VALUES, name=st.sampled_from(sorted(FILTERS.keys() - {"Date", "Currency"})), first=VALUES, second=VALUES)
def test_any_value(vm: LuaRuntime, value: str, name: str, first: str, second: str) -> None:
    """A filter of anything gives a text, or an exception that says what is wrong."""
    low, _ = FILTERS[name]
    arguments = ", ".join((first, second)[:low])
    text = render(vm, f"{{{{ {value} | {name}{': ' if low else ''}{arguments} }}}}", BODY)
    assert "attempt to" not in text
    assert "bad argument" not in text


@pytest.mark.parametrize("markup", ["Strip", "Rstrip", "StripHtml", "Plus: 1", "Round", "Size", "Date: 'yyyy'"])
def test_hostile_texts_take_linear_time(vm: LuaRuntime, markup: str) -> None:
    """Long runs that a pattern could go back over again and again."""
    for text in (" x" + " " * 200_000 + "x", "<" * 200_000, "1" * 200_000 + "x"):
        render(vm, f"{{{{ body.t | {markup} | Size }}}}", json.dumps({"t": text}))
