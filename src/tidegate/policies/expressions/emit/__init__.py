"""Typed expressions to Lua. Reading order: `texts`, `templates`, `frames`, `values`, `made`, `statements`, `guards`."""

from tidegate.policies.expressions import typed
from tidegate.policies.expressions.emit.statements import block_value, function_body
from tidegate.policies.expressions.emit.values import Emitter
from tidegate.policies.lua_text import LuaWriter


def emit_expression(tree: typed.Typed, writer: LuaWriter) -> str:
    """Write what must run before, and return the Lua expression of the value. It is to be used once."""
    return Emitter(writer, block_value, function_body).value(tree)


__all__ = ["emit_expression"]
