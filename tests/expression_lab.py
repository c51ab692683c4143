"""Expressions in tests: text to tree, to typed tree, to Lua, and to the value that LuaJIT computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lupa.luajit21 import LuaRuntime

from tidegate.diagnostics import Found
from tidegate.policies import runtime_source
from tidegate.policies.expressions import (
    Checked,
    check_block,
    check_expression,
    emit_expression,
    parse_block,
    parse_expression,
)
from tidegate.policies.expressions.statements import Block
from tidegate.policies.expressions.syntax import Expression
from tidegate.policies.expressions.types import STRING, Type
from tidegate.policies.lua_text import LuaWriter
from tidegate.sources.placed import Placed, place
from tidegate.sources.source import Source

# Envoy's header handle, as far as expressions see it: case-insensitive, lines joined by a comma, nothing for absent.
_HANDLE = """
return function(lines)
  local handle = {}
  local function all(name)
    local list = {}
    for _, line in ipairs(lines) do
      if line[1] == string.lower(name) then list[#list + 1] = line[2] end
    end
    return list
  end
  function handle:get(name)
    local list = all(name)
    if #list == 0 then return end
    return table.concat(list, ",")
  end
  function handle:getNumValues(name) return #all(name) end
  function handle:getAtIndex(name, index) return all(name)[index + 1] end
  return handle
end
"""


def placed(text: str) -> Placed:
    """A text as the reader of XML would give it."""
    return place(Source("e.xml", text), 0, len(text), entities=False)


def parse(text: str, found: Found | None = None) -> Expression | None:
    """The tree of an expression."""
    return parse_expression(placed(text), found=Found() if found is None else found)


def parsed(text: str) -> Expression:
    """The tree of an expression that must be accepted."""
    found = Found()
    tree = parse(text, found)
    if tree is None:
        raise AssertionError([d.concise() for d in found])
    return tree


def is_block(text: str) -> bool:
    """Whether the text is `{...}`: the statements of a block. Anything else is an expression."""
    return text.startswith("{") and text.endswith("}")


def parse_statements(text: str, found: Found | None = None) -> Block | None:
    """The tree of a block's statements."""
    return parse_block(placed(text), found=Found() if found is None else found)


def check(text: str, found: Found | None = None, *, wanted: Type = STRING, section: str = "inbound") -> Checked | None:
    """The typed tree of an expression, or of a block `{...}`."""
    found = Found() if found is None else found
    if is_block(text):
        block = parse_statements(text[1:-1], found)
        return None if block is None else check_block(block, wanted=wanted, section=section, found=found)
    tree = parse(text, found)
    return None if tree is None else check_expression(tree, wanted=wanted, section=section, found=found)


def problems(text: str, *, wanted: Type = STRING, section: str = "inbound") -> list[str]:
    """`column code message` of each diagnostic."""
    found = Found()
    check(text, found, wanted=wanted, section=section)
    return [f"{d.span.column} {d.code.code} {d.message}" for d in found.sorted() if d.span]


def lua(text: str, *, wanted: Type = STRING, section: str = "inbound") -> str:
    """The Lua of an expression: its statements, and `return` of its value."""
    found = Found()
    checked = check(text, found, wanted=wanted, section=section)
    if checked is None:
        raise AssertionError([d.concise() for d in found])
    writer = LuaWriter()
    value = emit_expression(checked.tree, writer)
    constants = [f"local K = {{{', '.join(writer.constants)}}}"] if writer.constants else []
    return "\n".join([*constants, *(line for line, _ in writer.lines), f"return {value}"])


def runtime() -> LuaRuntime:
    """LuaJIT with the runtime library; its table is the global R."""
    vm = LuaRuntime(encoding=None, unpack_returned_tuples=True)
    vm.execute(b"R = (function() " + runtime_source().encode() + b"\nreturn R end)()")
    return vm


def evaluate(
    text: str,
    *,
    vm: LuaRuntime,
    request: tuple[tuple[str, str], ...] = (),
    response: tuple[tuple[str, str], ...] = (),
    variables: Mapping[str, Any] | None = None,
    wanted: Type = STRING,
    section: str = "inbound",
) -> Any:
    """The expression's value in LuaJIT; a .NET exception is a `Thrown` with its message."""
    handle = vm.execute(_HANDLE.encode())
    source = lua(text, wanted=wanted, section=section).encode()
    function = vm.execute(
        b"local R = R return function(q, request, response, variables)\n"
        b"q.request, q.response = request, response\n"
        b"local ok, value = pcall(function()\n" + source + b"\nend)\n"
        b"if ok then return true, value end\n"
        b"return false, type(value) == 'table' and value.detail or value end"
    )
    q = vm.execute(b"return {h = {}, error = {source = 'choose', reason = 'R', message = 'M'}}")
    lines = [[name.lower().encode(), value.encode()] for name, value in request]
    given = vm.table_from([vm.table_from(line) for line in lines])
    answered = vm.table_from([vm.table_from([n.lower().encode(), v.encode()]) for n, v in response])
    known = vm.table_from({k.encode(): v.encode() if isinstance(v, str) else v for k, v in (variables or {}).items()})
    ok, value = function(q, handle(given), handle(answered), known)
    if not ok:
        raise Thrown(value.decode())
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


class Thrown(Exception):
    """The expression threw."""
