"""Assignments: only variables and what has a setter."""

from __future__ import annotations

import pytest

from expression_lab import problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'context.Variables["a"] = "b"',
            '1 TG3115 `context.Variables["a"]` cannot be assigned',
        ),
        (
            'context.Request.Method = "b"',
            "1 TG3115 `IRequest.Method` cannot be assigned",
        ),
        (
            "context = null",
            "1 TG3115 `context` cannot be assigned",
        ),
        (
            "1 = 2",
            "1 TG3115 `1` cannot be assigned",
        ),
        (
            "{ const int a = 1; a = 2; return a; }",
            "19 TG3115 `a` cannot be assigned",
        ),
        (
            "{ foreach (var a in new [] {1}) { a = 2; } return 1; }",
            "34 TG3115 `a` cannot be assigned",
        ),
        (
            '{ var a = "x"; a++; return a; }',
            "15 TG3109 the operand of `++` is string, where a number is expected",
        ),
        (
            "{ byte a = 1; a += 300; return a; }",
            "19 TG3109 the right side of `+=` is int, where byte is expected",
        ),
        (
            "{ var a = \"x\"; a[0] = 'b'; return a; }",
            "15 TG3115 `string[]` cannot be assigned",
        ),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """One finding, at its own column."""
    assert problems(text) == [problem]
