"""Values of the runtime library in tests: a Lua expression in, its value out, as Python has it."""

from __future__ import annotations

from typing import Any

from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown

_GUARDED = b"""
return function(compute)
  local ok, value = pcall(compute)
  if not ok then return false, type(value) == "table" and value.detail or tostring(value) end
  if type(value) == "cdata" then return true, R.text(value) end
  return true, value
end
"""


def value(vm: LuaRuntime, lua: str) -> Any:
    """What the expression is worth: text decoded (lone surrogates kept), int64 as text; `Thrown` if it throws."""
    guarded = vm.execute(_GUARDED)
    ok, result = guarded(vm.execute(f"return function() return {lua} end".encode("utf-8", "surrogatepass")))
    if isinstance(result, bytes):
        result = result.decode("utf-8", "surrogatepass")
    if not ok:
        raise Thrown(result)
    return result


def text(vm: LuaRuntime, lua: str) -> Any:
    """ToString of what the expression is worth."""
    return value(vm, f"R.text({lua})")


def listed(vm: LuaRuntime, lua: str) -> list[Any]:
    """The elements of an array."""
    result = value(vm, lua)
    items = [result[i + 1] for i in range(int(result[b"n"]))]
    return [item.decode() if isinstance(item, bytes) else item for item in items]


def quoted(content: str) -> str:
    """A Lua string of a text."""
    return '"' + "".join(f"\\{byte:03d}" for byte in content.encode("utf-8", "surrogatepass")) + '"'
