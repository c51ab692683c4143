"""Conversions: what C# has none for is refused."""

from __future__ import annotations

import pytest

from expression_lab import problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "(Jwt)context.Request.Method",
            "1 TG3110 string cannot be cast to `Jwt` here",
        ),
        (
            '(int)"1"',
            "1 TG3110 string cannot be cast to `int` here",
        ),
        (
            "(bool)1",
            "1 TG3110 int cannot be cast to `bool` here",
        ),
        (
            "{ int x = 1L; return x; }",
            "10 TG3109 the value of `x` is long, where int is expected",
        ),
        (
            "{ byte x = 256; return x; }",
            "11 TG3109 the value of `x` is int, where byte is expected",
        ),
        (
            "{ int x = 1.5; return x; }",
            "10 TG3109 the value of `x` is double, where int is expected",
        ),
        (
            "{ decimal x = 1.5; return x; }",
            "14 TG3109 the value of `x` is double, where decimal is expected",
        ),
        (
            "{ string x = 1; return x; }",
            "13 TG3109 the value of `x` is int, where string is expected",
        ),
        (
            "{ int x = null; return x; }",
            "10 TG3109 the value of `x` is null, where int is expected",
        ),
        (
            "{ List<object> x = new List<string>(); return 1; }",
            "19 TG3109 the value of `x` is List<string>, where List<object> is expected",
        ),
        (
            '"a" as int',
            "8 TG3109 the type behind `as` is int, where one that may be null is expected",
        ),
        (
            "1 is string",
            "1 TG3110 int cannot be cast to `string` here",
        ),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """One finding, at its own column."""
    assert problems(text) == [problem]
