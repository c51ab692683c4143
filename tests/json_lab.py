"""Snippets of Lua over the runtime, as tests of JSON, XML and Liquid ask them: a text, or what was thrown."""

from __future__ import annotations

from typing import Any

from lupa.luajit21 import LuaRuntime

_CALL = b"""
local source = ...
local chunk, problem = load("local R, a, b, c = R, ... " .. source)
if not chunk then error(problem, 0) end
return function(a, b, c)
  local ok, value = pcall(chunk, a, b, c)
  if ok then return true, value end
  return false, type(value) == "table" and value.detail or value
end
"""


def call(vm: LuaRuntime, source: str, *arguments: str | bytes) -> Any:
    """The value of a chunk whose arguments are `a`, `b` and `c`; an exception as `! message`."""
    given = [each.encode() if isinstance(each, str) else each for each in arguments]
    ok, value = vm.execute(_CALL, source.encode())(*given)
    shown = value.decode(errors="replace") if isinstance(value, bytes) else value
    return shown if ok else f"! {shown}"
