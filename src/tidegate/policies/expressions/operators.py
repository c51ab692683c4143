"""Operands and operators in the order of the text, put together by C#'s precedence (section 12.4.2).

tree-sitter's grammar gives `?.` the weakest binding of all: it reads `a == b?.c` as `(a == b)?.c`, and `!a?.b` as
`(!a)?.b`. So operators are not taken from its tree. What it groups without brackets is laid flat again, a postfix is
applied to the operand that it follows, and the groups are made here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from tidegate.policies.expressions.printer import PRECEDENCE
from tidegate.policies.expressions.syntax import Binary, ConditionalAccess, Expression, Operator

Wrap: TypeAlias = Callable[[Expression], Expression]


@dataclass(slots=True)
class Operand:
    """A primary expression with the prefixes (`!`, casts) before it."""

    primary: Expression
    is_closed: bool = False
    """Whether brackets stand around it, so that a chain of `?.` in it has ended."""
    prefixes: list[Wrap] = field(default_factory=list)
    """Outermost first."""

    def extend(self, make: Wrap) -> None:
        """Apply a postfix: inside the chain that the operand ends in, if it does."""
        self.primary = make(self.primary) if self.is_closed else _in_chain(self.primary, make)
        self.is_closed = False

    def tree(self) -> Expression:
        tree = self.primary
        for prefix in reversed(self.prefixes):
            tree = prefix(tree)
        return tree


Item: TypeAlias = Operand | Operator


def group(items: Sequence[Item]) -> Expression:
    """Operands with operators between them to a tree."""
    operands = [item.tree() for item in items if isinstance(item, Operand)]
    operators = [item for item in items if isinstance(item, Operator)]
    # Shunting yard: what waits on the stack binds weaker than what comes.
    trees, waiting = [operands[0]], list[Operator]()
    for operator, operand in zip(operators, operands[1:], strict=True):
        while waiting and _goes_first(waiting[-1], operator):
            _join(trees, waiting.pop())
        waiting.append(operator)
        trees.append(operand)
    while waiting:
        _join(trees, waiting.pop())
    return trees[0]


def _goes_first(waiting: Operator, coming: Operator) -> bool:
    if waiting is coming is Operator.COALESCE:
        return False  # Groups to the right.
    return PRECEDENCE[waiting] >= PRECEDENCE[coming]


def _join(trees: list[Expression], operator: Operator) -> None:
    right, left = trees.pop(), trees.pop()
    trees.append(Binary(operator, left, right, left.span.to(right.span)))


def _in_chain(tree: Expression, make: Wrap) -> Expression:
    if not isinstance(tree, ConditionalAccess):
        return make(tree)
    chain = _in_chain(tree.chain, make)
    return replace(tree, chain=chain, span=tree.span.to(chain.span))
