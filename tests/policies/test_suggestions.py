"""Did you mean."""

from __future__ import annotations

import pytest

from tidegate.policies.suggestions import closest, hint

NAMES = ("set-header", "set-body", "cors", "Headers", "Method")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("set-heder", "set-header"), ("set-boy", "set-body"), ("Header", "Headers"), ("headers", "Headers"),
        ("crs", "cors"),
        ("Mehtod", "Method"), ("cor", "cors"), ("xy", None), ("", None), ("validate", None),
    ],
)  # fmt: skip
def test_closest(wrong: str, right: str | None) -> None:
    """At most two letters away, and never half of a short word."""
    assert closest(wrong, NAMES) == right


def test_hint_lists_what_is_known() -> None:
    """Where nothing is near, all valid names help."""
    assert hint("nothing", ("b", "a")) == "known here: a, b"
    assert hint("nothing", ()) == ""
