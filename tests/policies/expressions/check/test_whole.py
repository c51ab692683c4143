"""Whole expressions: what the policy wants of them, and what is known of them afterwards."""

from __future__ import annotations

import pytest

from expression_lab import check, parse_statements, problems
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.check.whole import assigned_in_functions
from tidegate.policies.expressions.types import BOOL, DOUBLE, INT, LONG, OBJECT, STRING, Type

HEADER = 'context.Request.Headers.GetValueOrDefault("x")'


def test_wanted_type() -> None:
    """Numbers convert as C# converts them; texts take what has a text."""
    assert check("1 < 2", wanted=BOOL)
    assert check("context.Request.Method.Length", wanted=LONG)
    assert problems("1", wanted=BOOL) == ["1 TG3109 the expression is int, where bool is expected"]
    assert problems(f"{HEADER}?.Length", wanted=INT) == ["1 TG3109 the expression is int?, where int is expected"]
    assert check("1")
    assert check("{ return true; }")


@pytest.mark.parametrize(
    ("text", "type_"),
    [("1.5", DOUBLE), ("{ if (true) return 1; return 2L; }", LONG), ('{ if (true) return 1; return "a"; }', OBJECT),
     ('context.Variables["a"]', OBJECT), ('"a"', STRING)],
)  # fmt: skip
def test_an_object_keeps_its_type(text: str, type_: Type) -> None:
    """What set-variable stores knows what it is."""
    checked = check(text, wanted=OBJECT)
    assert checked
    assert checked.type == type_


def test_variables_that_are_read_are_listed() -> None:
    """By literal name, with their place; a default makes reading safe."""
    checked = check('(string)context.Variables["a"] + context.Variables.GetValueOrDefault<string>("b")')
    assert checked
    assert [(v.value, v.span.column) for v in checked.variables] == [("a", 27)]
    again = check('{ return new [] {1}.Select(x => x + (int)context.Variables["c"]).Sum(); }')
    assert again
    assert [v.value for v in again.variables] == ["c"]


def test_what_waits_is_known() -> None:
    """Bodies come from outside."""
    body, method = check("context.Request.Body.As<string>()"), check("context.Request.Method")
    assert body
    assert method
    assert (body.waits, method.waits) == (True, False)
    assert method.source == "context.Request.Method"


def test_names_that_functions_assign() -> None:
    """Their values may change at any call."""
    tree = parse_statements("int a = 0, b = 0, c = 0; b = 1; void f() { a = 1; g(x => c++); int.TryParse(s, out d); }")
    assert assigned_in_functions(tree) == {"a", "c", "d"}
    checked = check("{ int a = 0; void f() { a = 1; } f(); return a; }", wanted=INT)
    assert checked
    assert isinstance(checked.tree, typed.BlockValue)
