"""`foreach`, `switch` and `try`."""

from __future__ import annotations

import pytest

from expression_lab import problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "{ foreach (var a in 1) { } return 1; }",
            "20 TG3109 what `foreach` runs over is int, where a sequence is expected",
        ),
        (
            '{ foreach (int a in new [] {"x"}) { } return 1; }',
            "2 TG3109 an element is string, where int is expected",
        ),
        (
            "{ switch (1) { case 1: return 1; case 1: return 2; } return 1; }",
            "38 TG3001 the expression is not C#: this `case` is there already",
        ),
        (
            "{ switch (1) { case 1: context.Request.Method.Trim(); } return 1; }",
            "2 TG3001 the expression is not C#: a `case` ends with `break` or `return`",
        ),
        (
            '{ switch ("a") { case 1: return 1; } return 1; }',
            "22 TG3109 a `case` is int, where string is expected",
        ),
        (
            "{ switch (1.5) { } return 1; }",
            "10 TG3109 what `switch` decides by is double, where a string, number, char or bool is expected",
        ),
        (
            "{ try { } catch (string e) { } return 1; }",
            "17 TG3109 what is caught is string, where an Exception is expected",
        ),
        (
            "{ try { } finally { return 1; } }",
            "20 TG3001 the expression is not C#: a `finally` cannot return",
        ),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """One finding, at its own column."""
    assert problems(text) == [problem]
