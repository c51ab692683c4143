"""The library: a core that Lua accepts, and everything else at hand by its names."""

from __future__ import annotations

from pathlib import Path

import pytest
from lupa.luajit21 import LuaRuntime

import tidegate.policies
from tidegate.policies import runtime_source
from tidegate.policies.runtime import CORE, FILES, UNITS, brought, read, stripped

# A VM per worker holds all of it: bytes of text, KiB of the heap once the core is loaded.
MOST_TEXT = 1_000_000
MOST_HEAP = 1_100
MOST_CORE = 60_000

_IN_ORDER = rb"""
local sources = ...
local R = sources[1]()
local registries = { body_types = true, enums = true, defaults = true }
local writes
local watched = setmetatable({}, {
  __index = R,
  __newindex = function(_, name, value)
    writes[name] = R[name] == nil and "new" or "changed"
    R[name] = value
  end,
})

-- All tables that can be reached, with what they hold.
local function picture()
  local seen, paths = {}, {}
  local function walk(t, path)
    if seen[t] then return end
    local fields = {}
    seen[t], paths[t] = fields, path
    for name, value in pairs(t) do
      fields[name] = value
      if type(value) == "table" then walk(value, path .. "." .. tostring(name)) end
    end
    local meta = debug.getmetatable(t)
    if type(meta) == "table" then walk(meta, path .. ".(meta)") end
  end
  walk(R, "R")
  return seen, paths
end

local function load_next(i)
  local before, paths = picture()
  writes = {}
  sources[i](watched)
  local after = picture()
  local elsewhere = {}
  for t, fields in pairs(after) do
    local old = before[t]
    if old and t ~= R then
      for name, value in pairs(fields) do
        if old[name] ~= value then elsewhere[#elsewhere + 1] = paths[t] .. "." .. tostring(name) end
      end
    end
  end
  local names, changed = {}, {}
  for name, how in pairs(writes) do
    names[#names + 1] = name
    if how == "changed" then changed[#changed + 1] = name end
  end
  return table.concat(names, " "), table.concat(changed, " "), table.concat(elsewhere, "\n")
end
return load_next
"""


def new_vm() -> LuaRuntime:
    """LuaJIT as Envoy has it."""
    return LuaRuntime(encoding=None, unpack_returned_tuples=True)


def test_every_file_takes_part() -> None:
    """No Lua file lies there unused, and none is there twice."""
    folder = Path(tidegate.policies.__file__).parent / "lua"
    assert sorted(FILES) == sorted(p.stem for p in folder.glob("*.lua"))


def test_defines_envoys_two_hooks() -> None:
    """And no other global: programs share the VM."""
    vm = LuaRuntime()
    names = "local names = {} for name in pairs(_G) do names[#names + 1] = name end return table.concat(names, ' ')"
    before = set(vm.execute(names).split())
    vm.execute(runtime_source())
    assert set(vm.execute(names).split()) - before == {"envoy_on_request", "envoy_on_response"}


def test_no_file_defines_globals() -> None:
    """Nor does what is loaded later."""
    vm = LuaRuntime(encoding=None)
    vm.execute(
        b"G = {} for name in pairs(_G) do G[name] = true end G.R, G.envoy_on_request, G.envoy_on_response = 1, 1, 1"
    )
    load_all(vm)
    assert vm.execute(b"for name in pairs(_G) do if not G[name] then return name end end") is None


def load_all(vm: LuaRuntime) -> None:
    """A VM with R, and every unit loaded."""
    vm.execute(b"R = (function() " + runtime_source().encode() + b"\nreturn R end)()")
    for unit in UNITS:
        for name in unit:
            for public in brought(read(name)):
                assert vm.eval(access(public)) is not None, public


def access(public: str) -> bytes:
    """The Lua of one public name."""
    kind, _, name = public.rpartition(".")
    return f'R.{kind}["{name}"]'.encode() if kind else f"R.{public}".encode()


def test_is_constant() -> None:
    """The listener holds it: a difference would drain connections."""
    assert runtime_source() == runtime_source()


def test_stays_small() -> None:
    """Each worker loads it while its connections wait, and keeps it."""
    assert len(runtime_source()) < MOST_TEXT
    assert sum(len(stripped(read(name))) for name in CORE) < MOST_CORE
    vm = new_vm()
    vm.execute(b"collectgarbage() collectgarbage()")
    before = vm.eval(b'collectgarbage("count")')
    vm.execute(runtime_source().encode())
    vm.execute(b"collectgarbage() collectgarbage()")
    assert vm.eval(b'collectgarbage("count")') - before < MOST_HEAP


@pytest.mark.parametrize("name", FILES)
def test_stripping_changes_no_instruction_and_no_line(name: str) -> None:
    """The same bytecode, with the lines that errors name."""
    vm = new_vm()
    dump = vm.eval(b"function(text) return string.dump(assert(loadstring(text, '=x'))) end")
    text = read(name)
    # Constants of tables come in an order of their own each time.
    assert sorted(dump(stripped(text).encode())) == sorted(dump(text.rstrip().encode()))
    assert not any(line != line.strip() for line in stripped(text).split("\n") if "[" not in text)


def test_comments_and_indentation_go() -> None:
    """And nothing inside of texts."""
    lua = 'local a = "-- no" -- yes\n  --[[ two\nlines ]] local b = [[\n  kept -- here\n]]\n'
    assert stripped(lua) == 'local a = "-- no"\n\nlocal b = [[\n  kept -- here\n]]'


def test_names_of_a_file() -> None:
    """Whatever the file does to bring them."""
    lua = (
        "function R.one(a)\nend\nR.two, R.three = 1, 2\nR.enum('X')\n"
        'R.enum("Day", {})\nfunction R.defaults.Guid() end\nR.body_types["byte[]"] = f\n'
        "-- brings: four five\nlocal function R_six() end\n  R.seven = 7\nR.Type.text = f\nfunction R.Type.hash() end\n"
    )
    assert list(brought(lua)) == [
        *("one", "two", "three", "defaults.Guid", "body_types.byte[]", "enums.Day", "defaults.Day", "four", "five"),
    ]


@pytest.mark.parametrize("unit", UNITS, ids="-".join)
def test_a_unit_comes_with_any_of_its_names(unit: tuple[str, ...]) -> None:
    """The first name that is asked for is enough: what the unit needs itself comes with it."""
    names = [name for file in unit for name in brought(read(file))]
    assert names
    for first in (names[0], names[-1]):
        vm = new_vm()
        vm.execute(b"R = (function() " + runtime_source().encode() + b"\nreturn R end)()")
        for name in (first, *names):
            assert vm.eval(access(name)) is not None, name


def test_no_name_is_brought_twice() -> None:
    """Which file it came from would depend on what was asked for before."""
    names = [(name, unit) for unit in (CORE, *UNITS) for file in unit for name in set(brought(read(file)))]
    assert not {name for name, _ in names if sum(other == name for other, _ in names) > 1}


def test_files_change_nothing_that_others_brought() -> None:
    """In whatever order they are loaded, the library is the same: a file adds names to R and to R's tables of types,
    and changes no table of another unit. What it adds is what the index says."""
    vm = new_vm()
    order = [name for name in FILES if name not in {"prelude", "loading", "dispatch"}]
    load = vm.eval(b"function(text, name) return assert(loadstring(text, name)) end")
    texts = [load(read("prelude").encode() + b"\nreturn R", b"=prelude")]
    texts += [load(b"local R = ...; " + read(name).encode(), f"={name}".encode()) for name in order]
    load_next = vm.eval(b"function(...) " + _IN_ORDER + b" end")(vm.table_from(texts))
    for at, name in enumerate(order, start=2):
        names, changed, elsewhere = (text.decode().split() for text in load_next(at))
        assert not changed, (name, changed)
        known = set(brought(read(name)))
        assert set(names) | {e.removeprefix("R.") for e in elsewhere if is_registry(e)} == known, name
        unit = next((unit for unit in UNITS if name in unit), CORE)
        others = [e for e in elsewhere if not is_registry(e)]
        assert not others or len(unit) > 1, (name, others)


def is_registry(path: str) -> bool:
    """Whether this is one of the tables that any file may add to."""
    return path.startswith(("R.body_types.", "R.enums.", "R.defaults."))


def test_what_a_unit_brings_is_asked_for_by_other_names_too() -> None:
    """An enumeration's values are boxed before anything else of its file was used, and a failed load is tried again."""
    vm = new_vm()
    vm.execute(b"R = (function() " + runtime_source().encode() + b"\nreturn R end)()")
    assert vm.eval(b'R.text(R.box("DayOfWeek", 2))') == b"Tuesday"
    assert vm.eval(b"R.no_such_name") is None
    assert vm.eval(b'R.default_of("no such type")') is None
    vm = new_vm()
    vm.execute(b"R = (function() " + runtime_source().encode() + b"\nreturn R end)()")
    assert (
        vm.execute(
            b"local on = jit.off jit.off = function() error('no memory', 0) end\n"
            b"local ok, why = pcall(function() return R.seq_where end) jit.off = on return why"
        )
        == b"no memory"
    )
    assert vm.eval(b"type(R.seq_where)") == b"function"


def test_the_compiler_is_off_for_what_comes_later() -> None:
    """But for functions that turn it on; and an error names the file and the line."""
    vm = new_vm()
    vm.execute(b"R = (function() " + runtime_source().encode() + b"\nreturn R end)()")
    started = vm.execute(
        b"""
        local started = {}
        jit.attach(function(what, _, f)
          if what == "start" then started[debug.getinfo(f).short_src] = true end
        end, "trace")
        local function many()
          for _ = 1, 1000 do
            R.ip_bytes("127.0.0.1")
            R.length("abc\\195\\164")
          end
        end
        jit.off(many)
        many()
        return started
        """
    )
    assert b"text.lua" in started
    assert b"access.lua" not in started
    where = b"(function() local i = debug.getinfo(R.ip_bytes) return i.short_src .. ':' .. i.linedefined end)()"
    line = next(n for n, text in enumerate(read("access").split("\n"), start=1) if "function R.ip_bytes(" in text)
    assert vm.eval(where) == f"access.lua:{line}".encode()
