"""The part on C# in policies."""

from __future__ import annotations

from scripts.pages.expressions import members, render, verdict
from tidegate.policies.expressions.members import MEMBERS


def test_the_verdict_is_the_compilers() -> None:
    """What compiles is a yes; what does not comes with the compiler's words and code."""
    assert verdict('"a" + "b"') == verdict("{ return 1; }") == "yes"
    assert verdict("(a, b)").startswith("no: a tuple")
    assert verdict("context.Request.Header").endswith("(TG3107)")


def test_every_member_is_listed() -> None:
    """Overloads stand one by one, under the type that they are asked of."""
    text = members(MEMBERS)
    assert "`GetValueOrDefault(string, string)`" in text
    assert all(row.name in text for row in MEMBERS if row.name.isalpha())


def test_both_tables_are_there() -> None:
    """Forms first, then members."""
    assert render().index("| form |") < render().index("| of |")
