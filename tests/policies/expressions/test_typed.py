"""Types and nullability of checked nodes."""

from __future__ import annotations

import pytest

from expression_lab import check
from tidegate.policies.expressions import typed
from tidegate.policies.expressions.types import BOOL, INT, OBJECT, STRING, Type

HEADER = 'context.Request.Headers.GetValueOrDefault("x")'


@pytest.mark.parametrize(
    ("text", "wanted", "nullable"),
    [
        ("context.Request.Method", OBJECT, False), (HEADER, OBJECT, True), (f'{HEADER} ?? "a"', OBJECT, False),
        (f"{HEADER} ?? {HEADER}", OBJECT, True), (f"true ? {HEADER} : null", OBJECT, True), ("1 < 2", BOOL, False),
        (f"{HEADER}?.Length", OBJECT, True), (f"{HEADER}.Length", INT, False), (f"{HEADER} + null", STRING, False),
        ('context.Variables["x"]', OBJECT, True), ('(string)context.Variables["x"]', OBJECT, True),
        ('(int)context.Variables["x"]', INT, False), ("null", STRING, True), ('new [] {"a"}', OBJECT, False),
        ('context.Variables.GetValueOrDefault("x", "d")', STRING, False), ("!true || false", BOOL, False),
        ('$"{1}"', STRING, False), ('context.Variables.GetValueOrDefault<int>("x")', INT, False),
    ],
)  # fmt: skip
def test_nullable(text: str, wanted: Type, nullable: bool) -> None:
    """Whether a check for null is needed where the value is used."""
    checked = check(text, wanted=wanted)
    assert checked
    assert checked.tree.nullable == nullable


def test_one_text_of_many_parts() -> None:
    """A chain of `+` is one concatenation."""
    checked = check('"a" + 1 + context.Request.Method + $"b{true}"')
    assert checked
    assert isinstance(checked.tree, typed.Text)
    assert len(checked.tree.parts) == 5
