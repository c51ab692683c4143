"""Statements with other values in their `return`s: their type may be found only behind the last one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tidegate.policies.expressions import typed
from tidegate.policies.expressions import typed_statements as ts


def convert_returns(block: ts.Block, change: Callable[[typed.Typed], typed.Typed]) -> ts.Block:
    """The block with each returned value changed; functions within it keep theirs."""
    return ts.Block(tuple(_statement(s, change) for s in block.statements))


def _statement(statement: ts.Statement, change: Callable[[typed.Typed], typed.Typed]) -> ts.Statement:
    match statement:
        case ts.Return(value=value) if value is not None:
            return ts.Return(change(value))
        case ts.Block():
            return convert_returns(statement, change)
        case ts.If(then=then, otherwise=otherwise):
            return replace(
                statement,
                then=convert_returns(then, change),
                otherwise=convert_returns(otherwise, change) if otherwise else None,
            )
        case ts.Loop(body=body) | ts.ForEach(body=body):
            return replace(statement, body=convert_returns(body, change))
        case ts.Switch(sections=sections):
            changed = tuple((labels, convert_returns(body, change), last) for labels, body, last in sections)
            return replace(statement, sections=changed)
        case ts.Try(body=body, catches=catches):
            return replace(
                statement,
                body=convert_returns(body, change),
                catches=tuple(replace(c, body=convert_returns(c.body, change)) for c in catches),
            )
        case _:
            return statement
