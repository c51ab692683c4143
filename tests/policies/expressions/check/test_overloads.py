"""Overloads: what no overload takes is named with what they take."""

from __future__ import annotations

import pytest

from expression_lab import problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "context.Request.Headers.ContainsKey(1)",
            "25 TG3108 `ContainsKey` does not take (int); it takes (string)",
        ),
        (
            "context.Request.Headers[0]",
            "25 TG3108 `[]` does not take (int); it takes (string)",
        ),
        (
            '"a".Substring("b")',
            "5 TG3108 `Substring` does not take (string); it takes (int) or (int, int)",
        ),
        (
            'new Random("x")',
            "5 TG3108 `new Random` does not take (string); it takes ()",
        ),
        (
            "new [] {1}.Select(x => x.Foo)",
            "26 TG3107 `x` has no member `Foo`",
        ),
        (
            "new [] {1}.Select((a, b, c) => a)",
            "19 TG3109 the lambda is one of 3 parameters, where one of 1 is expected",
        ),
        (
            "context.Variables.GetValueOrDefault<string>()",
            "19 TG3108 `GetValueOrDefault` does not take (); it takes <T>(string) or <T>(string, T)",
        ),
        (
            'context.Variables.GetValueOrDefault<int>("x", "a")',
            "47 TG3109 the default is string, where int is expected",
        ),
        (
            'int.TryParse("1", 2)',
            "5 TG3108 `TryParse` does not take (string, int); it takes (string, out int) or (string, "
            "NumberStyles, IFormatProvider, out int)",
        ),
        (
            "context.Request.Body.As<string>(foo: true)",
            "22 TG3108 `As` does not take (foo: bool); it takes (bool?)",
        ),
    ],
)
def test_refused(text: str, problem: str) -> None:
    """One finding, at its own column."""
    assert problems(text) == [problem]
