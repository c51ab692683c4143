"""Two meanings of one expression agree: the Lua program's in LuaJIT, and a plain walk over the typed tree."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, check, evaluate, runtime
from expression_reference import DotNetError, Evaluator, joined, to_text
from expression_sources import blocks, expressions
from tidegate.diagnostics import Found

VM: LuaRuntime = runtime()
EXAMPLES = 200
_CONSTANT = {"expression-constant"}


def by_reference(text: str) -> str | None:
    """The value as a text; None where .NET would throw."""
    found = Found()
    checked = check(text, found)
    if checked is None:
        # Of constants, C# refuses what would throw (sections 12.23, 12.8.20): that is no expression to compare.
        assert {d.code.slug for d in found} <= _CONSTANT, (text, [d.concise() for d in found])
        assume(False)
        raise AssertionError
    try:
        value = Evaluator().value(checked.tree)
    except DotNetError:
        return None
    return joined(to_text(value, checked.tree.type))


def by_lua(text: str) -> str | None:
    """The same by the program."""
    try:
        value = evaluate(text, vm=VM)
    except Thrown:
        return None
    return "" if value is None else str(value)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.sampled_from(["int", "long", "double", "decimal", "string", "bool", "char"]).flatmap(expressions))
def test_expressions(text: str) -> None:
    """Numbers wrap, divide and print alike; strings are cut alike; both throw or neither does."""
    expected = by_reference(text)
    assert by_lua(text) == expected, text


@settings(max_examples=EXAMPLES, deadline=None)
@given(blocks())
def test_statements(text: str) -> None:
    """Loops, branches, jumps and what a catch makes of them."""
    expected = by_reference(text)
    assert by_lua(text) == expected, text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7 / 2", "3"),
        ("-7 / 2", "-3"),
        ("-7 % 3", "-1"),
        ("'a' + 1", "98"),
        ('"x" + 1 + 2', "x12"),
        ('1 + 2 + "x"', "3x"),
        ("unchecked(2147483647 + new [] {1}[0])", "-2147483648"),
        ("9007199254740993L + 0", "9007199254740993"),
        ('"x\U0001f375y".Length', "4"),
        ('1e20 + ""', "1E+20"),
        ("1.50m + 1m", "2.50"),
        ("new int[0].First()", None),
        ("1 / new [] {0}[0]", None),
    ],
)
def test_what_csharp_says(text: str, value: str | None) -> None:
    """Both agree with the standard, not only with each other (C# sections 12.9, 12.10, 12.12)."""
    assert by_reference(text) == value
    assert by_lua(text) == value
