"""Casts, choices and other forms: one type must come of them."""

from __future__ import annotations

import pytest

from expression_lab import problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'true ? "a" : 1',
            "14 TG3109 the value behind `:` is int, where string is expected",
        ),
        (
            "1 ?? 2",
            "1 TG3109 the left side of `??` is int, where something that may be null is expected",
        ),
        (
            'context.Request.Headers.GetValueOrDefault("x") ?? 1',
            "51 TG3109 the right side of `??` is int, where string is expected",
        ),
        (
            'new [] {"a"}',
            "1 TG3109 the value is string[], where string is expected",
        ),
        (
            "x => x",
            "1 TG3109 the lambda is a function, where a value is expected",
        ),
        (
            "default",
            "1 TG3002 `default` without a type is not supported in expressions",
        ),
        (
            '$"{1,9999}"',
            "6 TG3002 an alignment beyond 1000 is not supported in expressions",
        ),
        (
            '$"{1,context.Request.Method.Length}"',
            "6 TG3109 the alignment is int, where a constant whole number is expected",
        ),
        (
            '"a" ?? throw "b"',
            "14 TG3109 what is thrown is string, where an Exception is expected",
        ),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """One finding, at its own column."""
    assert problems(text) == [problem]
