"""Grouping of operands and operators, apart from any text."""

from __future__ import annotations

import itertools

import pytest

from expression_lab import parsed
from tidegate.diagnostics import Span
from tidegate.policies.expressions.operators import Item, Operand, group
from tidegate.policies.expressions.printer import PRECEDENCE
from tidegate.policies.expressions.syntax import Binary, Member, Name, Not, Operator, Receiver

AT = Span("e.xml", 1, 1, 1, 1)


def operand(name: str) -> Operand:
    return Operand(Name(name, AT))


@pytest.mark.parametrize(("first", "second"), list(itertools.product(Operator, repeat=2)))
def test_two_operators(first: Operator, second: Operator) -> None:
    """The tighter one first; of equal ones the left, but `??` groups to the right."""
    a, b, c = (Name(n, AT) for n in "abc")
    items: list[Item] = [operand("a"), first, operand("b"), second, operand("c")]
    left = Binary(second, Binary(first, a, b, AT), c, AT)
    right = Binary(first, a, Binary(second, b, c, AT), AT)
    is_left = PRECEDENCE[first] >= PRECEDENCE[second] and not first == second == Operator.COALESCE
    assert group(items) == (left if is_left else right)


def test_postfix_goes_below_prefixes_and_into_chains() -> None:
    """`!a?.b.c` is one chain under one `!`; a bracket ends a chain."""
    one = operand("a")
    one.prefixes.append(lambda tree: Not(tree, AT))
    one.extend(lambda tree: parsed("x?.b") if tree == Name("a", AT) else tree)
    one.extend(lambda tree: Member(tree, "c", AT, AT))
    assert one.tree() == Not(parsed("x?.b.c"), AT)
    closed = Operand(parsed("x?.b"), is_closed=True)
    closed.extend(lambda tree: Member(tree, "c", AT, AT))
    assert closed.tree() == parsed("(x?.b).c")
    assert Receiver(AT) == Receiver(Span("y", 2, 2, 2, 2))
