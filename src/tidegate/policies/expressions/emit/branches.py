"""`?.`, `??`, `?:`, `&&` and `||`: values of which a part may not run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tidegate.policies.expressions import typed
from tidegate.policies.expressions.emit import texts
from tidegate.policies.expressions.types import BOOL, underlying
from tidegate.policies.lua_text import Line

if TYPE_CHECKING:
    from tidegate.policies.expressions.emit.values import Emitter

_LONGEST: Final = 240
"""Characters of one chain of `and` or `or`, before it goes on in a local."""


def chain(emitter: Emitter, node: typed.Chain) -> str:
    if node.body.type.name == "void":
        emitter.run(node)
        return "nil"
    local = emitter.held(emitter.value(node.target))
    emitter.slots.append(local)
    with emitter.writer.captured() as lines:
        body = emitter.value(node.body)
    emitter.slots.pop()
    if not lines and underlying(node.target.type) != BOOL:
        return f"({local} and {body})"
    result = emitter.writer.local()
    with emitter.writer.block(f"if {local} ~= nil then"):
        _take(emitter, lines, result, body)
    return result


def coalesce(emitter: Emitter, node: typed.Coalesce) -> str:
    left = emitter.value(node.left)
    # Capturing comes behind the left side's own statements, so the order holds.
    with emitter.writer.captured() as lines:
        right = emitter.value(node.right)
    if not lines and underlying(node.left.type) != BOOL:
        return f"({left} or {right})"
    result = emitter.writer.local(left)
    with emitter.writer.block(f"if {result} == nil then"):
        _take(emitter, lines, result, right)
    return result


def choice(emitter: Emitter, node: typed.Choice) -> str:
    condition = emitter.value(node.condition)
    with emitter.writer.captured() as then_lines:
        then = emitter.value(node.then)
    with emitter.writer.captured() as otherwise_lines:
        otherwise = emitter.value(node.otherwise)
    if not then_lines and not otherwise_lines and texts.is_truthy(node.then):
        return f"({condition} and {then} or {otherwise})"
    result = emitter.writer.local()
    with emitter.writer.block(f"if {condition} then", closing=None):
        _take(emitter, then_lines, result, then)
    with emitter.writer.block("else"):
        _take(emitter, otherwise_lines, result, otherwise)
    return result


def logic(emitter: Emitter, node: typed.Logic) -> str:
    """One chain of `and` or `or`; from the first operand on that needs statements, one `if` for each."""
    values = [emitter.value(node.operands[0])]
    result = ""
    for operand in node.operands[1:]:
        with emitter.writer.captured() as lines:
            value = emitter.value(operand)
        so_far = f"({f' {node.word} '.join(values)})" if len(values) > 1 else values[0]
        if not result and not lines and len(so_far) < _LONGEST * 4:
            values.append(value)
            continue
        result = result or emitter.writer.local(so_far)
        with emitter.writer.block(f"if {result} then" if node.word == "and" else f"if not {result} then"):
            _take(emitter, lines, result, value)
        values = [result]
    return result or f"({f' {node.word} '.join(values)})"


def _take(emitter: Emitter, lines: list[Line], result: str, value: str) -> None:
    """Write captured lines here, then the assignment of their value."""
    emitter.writer.take(lines, deeper=1)
    emitter.writer.line(f"{result} = {value}")
