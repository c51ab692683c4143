"""Values of the Lua runtime in tests: sequences as text, exceptions as their message."""

from __future__ import annotations

from lupa.luajit21 import LuaRuntime


def shown(vm: LuaRuntime, expression: str, before: str = "") -> str:
    """The elements of a sequence as text, joined by a comma; null as `null`."""
    source = f"""
    {before}
    local items, parts = R.items({expression}), {{}}
    for i = 1, items.n do parts[i] = items[i] == nil and "null" or R.text(items[i]) end
    return items.n .. ":" .. table.concat(parts, ",")
    """
    value = vm.execute(source.encode())
    assert isinstance(value, bytes)
    return value.decode()


def thrown(vm: LuaRuntime, statement: str) -> str:
    """The message of the .NET exception that a statement throws."""
    source = f"""
    local ok, problem = pcall(function() {statement} end)
    if ok then return "nothing" end
    if not R.is_failure(problem) then error(problem) end
    return problem.detail
    """
    value = vm.execute(source.encode())
    assert isinstance(value, bytes)
    return value.decode()
