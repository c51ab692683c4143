"""`${NAME}` in texts."""

from __future__ import annotations

from tidegate.sources import fill, unfilled


def test_only_given_names_are_filled_in_and_only_once() -> None:
    """Shell text stays, and a value that looks like a name is not filled in again."""
    values = {"A": "1${B}", "B": "2"}
    assert fill("${A} ${B} ${C} $A ${} ${ A } ${a-b} $${B}", values) == "1${B} 2 ${C} $A ${} ${ A } ${a-b} $2"


def test_names_left_are_found() -> None:
    """A field that Tidegate interprets refuses each of them."""
    assert list(unfilled("${A}-${B_1} ${} ${1}")) == ["A", "B_1"]
