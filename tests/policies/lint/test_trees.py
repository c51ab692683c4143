"""Which members an expression uses."""

from __future__ import annotations

import pytest

from expression_lab import check
from tidegate.diagnostics import Span
from tidegate.policies.lint.trees import members
from tidegate.policies.settings import Setting


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ('"a"', set()),
        ('context.Request.Headers.GetValueOrDefault("A", "b").AsJwt()?.Subject', {"AsJwt", "Subject"}),
        ('(string)context.Variables["a"] + new [] {"x"}.First(x => x.EndsWith("y"))', {"First", "EndsWith"}),
        ('{ var t = "x".AsJwt(); return t == null ? "" : t.Issuer; }', {"AsJwt", "Issuer"}),
    ],
)
def test_every_member_is_found(code: str, names: set[str]) -> None:
    """In arguments, lambdas, chains and statements."""
    checked = check(code)
    assert checked is not None
    setting = Setting(None, checked, Span("p.xml", 1, 1, 1, 2), code)
    assert names <= set(members(setting))


def test_a_literal_uses_none() -> None:
    """There is no tree."""
    assert list(members(Setting("a", None, Span("p.xml", 1, 1, 1, 2), "a"))) == []
