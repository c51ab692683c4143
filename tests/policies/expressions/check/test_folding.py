"""Constant expressions: what overflows or divides by zero is refused."""

from __future__ import annotations

import pytest

from expression_lab import problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "2147483647 + 1",
            "1 TG3116 the constant is larger than int can hold",
        ),
        (
            "-(-2147483648)",
            "1 TG3116 the constant is larger than int can hold",
        ),
        (
            "1 / 0",
            "5 TG3116 the constant is a division by zero",
        ),
        (
            "context.Request.Method.Length % 0",
            "33 TG3116 the constant is a division by zero",
        ),
        (
            "9223372036854775807 * 2",
            "1 TG3116 the constant is larger than long can hold",
        ),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """One finding, at its own column."""
    assert problems(text) == [problem]
