"""What stands inside Liquid's signs, as Lua."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.policies.liquid.markup import Markup, MarkupError, Names


def names() -> Names:
    """A loop variable `x`, an assigned `y`, and a context whose paths take two steps."""
    return Names({"x": "x1"}, frozenset({"y"}), lambda path, _start, _end: ("B[1]", min(2, len(path))))


@pytest.mark.parametrize(
    ("markup", "lua"),
    [
        ("1", "1"),
        ("-2", "-2"),
        ("1.50", "L.double(1.50)"),
        ("'a\"b'", '"a\\"b"'),
        ("nil", "nil"),
        ("true", "true"),
        ("empty", "L.empty"),
        ("(1..x)", "L.range(1, x1)"),
        ("body", "L.body(s)"),
        ("body.a-b.c", 'L.get(L.get(L.body(s), "a-b"), "c")'),
        ("x[0]['k'][y]", 'L.get(L.get(L.get(x1, 0), "k"), A["y"])'),
        ("true.a", 'L.get(A["true"], "a")'),
        ("context.Variables.v.w", 'L.get(B[1], "w")'),
        ("'a' | Append: x, | Upcase", None),
        ("'a' | Append: x | Upcase", 'F.Upcase(F.Append("a", x1))'),
        ("x | Slice: 1, 2", "F.Slice(x1, 1, 2)"),
    ],
)
def test_values(markup: str, lua: str | None) -> None:
    """Literals, paths and filters."""
    reader = Markup(markup, names())
    if lua is None:
        with pytest.raises(MarkupError):
            reader.filtered()
    else:
        assert reader.filtered() == lua
        reader.end()


@pytest.mark.parametrize(
    ("markup", "lua"),
    [
        ("x", "L.truth(x1)"),
        ("x == 1", "L.eq(x1, 1)"),
        ("x <> 1", "L.ne(x1, 1)"),
        ("x contains 'a'", 'L.contains(x1, "a")'),
        ("x startsWith 'a'", 'L.starts_with(x1, "a")'),
        ("x or y and x", '(L.truth(x1) or (L.truth(A["y"]) and L.truth(x1)))'),
        ("x and y or x", '(L.truth(x1) and (L.truth(A["y"]) or L.truth(x1)))'),
    ],
)
def test_conditions(markup: str, lua: str) -> None:
    """Operators, and `and` and `or` from the right."""
    assert Markup(markup, names()).condition() == lua


@given(st.text("abx.[]()'\"|:,=<>! 01-nilor", max_size=24))
def test_any_markup(markup: str) -> None:
    """Lua, or a problem whose place is in the markup."""
    reader = Markup(markup, names())
    at = 0
    try:
        assert reader.filtered()
        reader.end()
    except MarkupError as problem:
        at = problem.at
    assert 0 <= at <= len(markup)
