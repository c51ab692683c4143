"""What a row's Lua needs of its arguments."""

from __future__ import annotations

import pytest

from expression_lab import lua
from tidegate.policies.expressions.emit.templates import template


@pytest.mark.parametrize(
    ("text", "arguments", "receiver", "order"),
    [
        ("R.x({0}, {1})", 1, True, True), ("R.x({1}, {0})", 1, True, False), ("{0}.id", 0, True, True),
        ("R.x({0}, {0})", 0, True, False), ("R.x({1}, {{n = {count}, {rest}}})", 3, False, True),
        ("R.x()", 0, False, True),
        ("R.x({rest}, {1})", 2, False, False), ("R.x({1}, {2}, {T})", 2, False, True),
    ],
)  # fmt: skip
def test_template(text: str, arguments: int, receiver: bool, order: bool) -> None:
    """Arguments named twice, or in another order, are worked out before."""
    shape = template(text, arguments)
    assert (shape.has_receiver, shape.keeps_order) == (receiver, order)


def test_variables_are_asked_for_once_the_table_is_there() -> None:
    """A row that names the table is known to read it."""
    assert template("R.item({variables}, {1})", 1).reads_variables
    assert "R.variable(variables" in lua('context.Variables.GetValueOrDefault<string>("a", "")')
