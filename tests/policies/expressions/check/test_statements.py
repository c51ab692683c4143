"""Statements: scopes, ways out, and what has a value."""

from __future__ import annotations

import pytest

from expression_lab import problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "{ }",
            "1 TG3001 the expression is not C#: it is empty",
        ),
        (
            "{ var a = 1; }",
            "2 TG3113 not every way through it returns a value",
        ),
        (
            '{ if (context.Request.Method == "GET") return 1; }',
            "2 TG3113 not every way through it returns a value",
        ),
        (
            '{ while (context.Request.Method == "GET") { return 1; } }',
            "2 TG3113 not every way through it returns a value",
        ),
        (
            "{ int a; return a; }",
            "16 TG3114 `a` may have no value yet where it is used",
        ),
        (
            '{ int a; if (context.Request.Method == "GET") a = 1; return a; }',
            "60 TG3114 `a` may have no value yet where it is used",
        ),
        (
            "{ var a = 1; var a = 2; return a; }",
            "13 TG3102 there is a `a` here already",
        ),
        (
            "{ var a = 1; { var a = 2; } return a; }",
            "15 TG3102 there is a `a` here already",
        ),
        (
            "{ { var a = 1; } return a; }",
            "24 TG3101 `a` is not a name that expressions know",
        ),
        (
            "{ var a = null; return 1; }",
            "10 TG3109 the value of `a` is null, where something with a type is expected",
        ),
        (
            "{ var a; return 1; }",
            "2 TG3001 the expression is not C#: `a` needs a value",
        ),
        (
            "{ break; return 1; }",
            "2 TG3001 the expression is not C#: `break` stands in no loop",
        ),
        (
            "{ throw; }",
            "2 TG3001 the expression is not C#: `throw;` stands in no `catch`",
        ),
        (
            "{ return; }",
            "2 TG3113 not every way through it returns a value",
        ),
        (
            "{ void f() { return 1; } return 1; }",
            "13 TG3109 `return` is a value, where nothing is expected",
        ),
        (
            "{ int f() { } return 1; }",
            "2 TG3113 not every way through it returns a value",
        ),
        (
            "{ const string a = context.Request.Method; return a; }",
            "19 TG3109 the value of `a` is string, where a constant is expected",
        ),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """One finding, at its own column."""
    assert problems(text) == [problem]
