"""Operators: both sides must be what C# takes."""

from __future__ import annotations

import pytest

from expression_lab import problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '"a" == 1 ? "x" : "y"',
            "8 TG3109 the right side of `==` is int, where string is expected",
        ),
        (
            'context.Variables["x"] == "a" ? "x" : "y"',
            "27 TG3109 the right side of `==` is string, where object is expected",
        ),
        (
            '1 < "a" ? "x" : "y"',
            "5 TG3109 the right side of `<` is string, where int is expected",
        ),
        (
            '1 == null ? "x" : "y"',
            "1 TG3109 a side of `==` is int, where something that may be null is expected",
        ),
        (
            "1 + null",
            "5 TG3109 the right side of `+` is null, where int is expected",
        ),
        (
            '"a" ? "x" : "y"',
            "1 TG3109 the condition is string, where bool is expected",
        ),
        (
            '!"a" ? "x" : "y"',
            "2 TG3109 the condition is string, where bool is expected",
        ),
        (
            'context.Request.Headers.GetValueOrDefault("x")?.Contains("a") ? "x" : "y"',
            "1 TG3109 the condition is bool?, where bool is expected",
        ),
        (
            "1 && true",
            "1 TG3109 the condition is int, where bool is expected",
        ),
        (
            '"a" - "b"',
            "7 TG3109 the right side of `-` is string, where a number is expected",
        ),
        (
            "1.5m + 1.5",
            "8 TG3109 the right side of `+` is double, where decimal is expected",
        ),
        (
            "1UL + -context.Request.Method.Length",
            "7 TG3109 the right side of `+` is int, where ulong is expected",
        ),
        (
            "~1.5",
            "2 TG3109 the operand of `~` is double, where another number is expected",
        ),
        (
            "-true",
            "2 TG3109 the operand of `-` is bool, where a number is expected",
        ),
        (
            "1.5 << 2",
            "1 TG3109 the left side of `<<` is double, where a whole number is expected",
        ),
        (
            '"a" + context.Request.Headers["x"]',
            "7 TG3109 the value is string[], where string is expected",
        ),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """One finding, at its own column."""
    assert problems(text) == [problem]
