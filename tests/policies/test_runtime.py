"""The library is one chunk that Lua accepts, from files that are all there."""

from __future__ import annotations

from pathlib import Path

from lupa.luajit21 import LuaRuntime

import tidegate.policies
from tidegate.policies import runtime_source
from tidegate.policies.runtime import FILES


def test_every_file_takes_part() -> None:
    """No Lua file lies there unused."""
    folder = Path(tidegate.policies.__file__).parent / "lua"
    assert sorted(FILES) == sorted(p.stem for p in folder.glob("*.lua"))


def test_defines_envoys_two_hooks() -> None:
    """And no other global: programs share the VM."""
    vm = LuaRuntime()
    names = "local names = {} for name in pairs(_G) do names[#names + 1] = name end return table.concat(names, ' ')"
    before = set(vm.execute(names).split())
    vm.execute(runtime_source())
    assert set(vm.execute(names).split()) - before == {"envoy_on_request", "envoy_on_response"}


def test_is_constant() -> None:
    """The listener holds it: a difference would drain connections."""
    assert runtime_source() == runtime_source()
    assert len(runtime_source()) < 100_000
