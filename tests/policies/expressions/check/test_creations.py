"""`new`: what cannot be made, filled or listed."""

from __future__ import annotations

import pytest

from expression_lab import problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "new [] {}",
            "1 TG3001 the expression is not C#: an array without elements needs a type",
        ),
        (
            'new [] {1, "a"}',
            "12 TG3109 an element is string, where int is expected",
        ),
        (
            "new int[] {null}",
            "12 TG3109 an element is null, where int is expected",
        ),
        (
            "new int[3] {1}",
            "9 TG3109 the size is another number, where 1, as many as listed is expected",
        ),
        (
            "new Foo()",
            "5 TG3002 the type `Foo` is not supported in expressions",
        ),
        (
            "new string()",
            "5 TG3108 `new string` does not take (); it takes (char, int) or (char[]) or (char[], int, int)",
        ),
        (
            "new { a = 1, a = 2 }",
            "18 TG3102 there is a `a` here already",
        ),
        (
            "new { a = null }",
            "11 TG3109 a field is null, where a value with a type is expected",
        ),
        (
            "new List<int>() { Foo = 1 }",
            "19 TG3107 `List<int>` has no member `Foo`",
        ),
        (
            "new Random() { 1 }",
            "16 TG3107 `Random` has no member `Add`",
        ),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """One finding, at its own column."""
    assert problems(text) == [problem]
