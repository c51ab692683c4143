"""The sliding window, in time that a test moves, against a model that keeps every call."""

from __future__ import annotations

import ctypes
import itertools
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expression_lab import runtime
from tidegate.policies import shared_memory
from tidegate.policies.shared_memory import ENTRIES, LOCKS, SIZE, STRIPES, create

_USE = b"""
local ffi = require("ffi")
ffi.cdef("int pthread_spin_init(int *, int);")
memory = ffi.new("char[?]", R.counters_size)
for i = 0, 63 do ffi.C.pthread_spin_init(ffi.cast("int *", memory + 4096 + i * 64), 1) end
now = 1000
R.use_counters(memory, function() return now end)
function at(time, key, calls, period, count)
  now = time
  local allowed, remaining, wait = R.count(key, calls, period, count or 1)
  return allowed, remaining, wait
end
"""


KEYS = (f"own-{number}" for number in itertools.count())
"""Keys that nothing counted under before."""


class Counters:
    """The runtime's counters in memory of their own."""

    def __init__(self) -> None:
        self.vm = runtime()
        self.vm.execute(_USE)

    def at(self, time: float, key: str = "k", *, calls: int = 3, period: float = 60, count: int = 1) -> Any:
        return self.vm.globals().at(time, key.encode(), calls, period, count)


@pytest.fixture(scope="module")
def shared() -> Counters:
    """For tests that use keys of their own."""
    return Counters()


def test_exact_window(shared: Counters) -> None:
    """A call leaves the window exactly a period after it came."""
    assert [shared.at(1000 + t, "a")[0] for t in (0, 10, 20, 30, 59.9)] == [True, True, True, False, False]
    assert shared.at(1059.9, "a") == (False, 0, pytest.approx(0.1))
    assert shared.at(1060, "a")[:2] == (True, 0)
    assert shared.at(1069.9, "a")[0] is False
    assert shared.at(1070, "a")[0] is True


def test_weights_and_waiting(shared: Counters) -> None:
    """A heavy call needs as much room as it weighs; one that can never fit is told the whole period."""
    assert shared.at(1000, "w", calls=5, count=2)[:2] == (True, 3)
    assert shared.at(1010, "w", calls=5, count=2)[:2] == (True, 1)
    assert shared.at(1020, "w", calls=5, count=2) == (False, 1, 40)
    assert shared.at(1020, "w", calls=5, count=9) == (False, 1, 60)
    assert shared.at(1020, "w", calls=5, count=0)[:2] == (True, 1)


def test_two_policies_over_one_key(shared: Counters) -> None:
    """Each sees the calls of its own period."""
    assert [shared.at(1000 + t, "p", calls=9, period=100)[1] for t in (0, 30, 60)] == [8, 7, 6]
    assert shared.at(1070, "p", calls=9, period=20)[1] == 7
    assert shared.at(1095, "p", calls=9, period=100)[1] == 4


def test_clock_that_began_again(shared: Counters) -> None:
    """Times far ahead are from before the machine's last start: they count no more."""
    assert shared.at(9_000, "b", calls=1)[0] is True
    assert shared.at(50, "b", calls=1)[0] is True
    assert shared.at(51, "b", calls=1)[0] is False


def test_long_periods(shared: Counters) -> None:
    """A time that was rounded up by hours is no time from before the machine's start."""
    assert [shared.at(1000 + t, "l", calls=200, period=1e7, count=100)[0] for t in range(3)] == [True, True, False]


@given(
    gaps=st.lists(st.floats(0, 5), max_size=60),
    calls=st.integers(1, 8),
    period=st.integers(1, 10),
)
def test_small_limits_are_exact(shared: Counters, gaps: list[float], calls: int, period: int) -> None:
    """Up to the ring's size the answers are those of a log of all calls."""
    now, log, key = 1000.0, [], next(KEYS)
    for gap in gaps:
        now += gap
        log = [t for t in log if now - t < period]
        allowed, remaining, _ = shared.at(now, key, calls=calls, period=period)
        assert allowed == (len(log) < calls)
        log += [now] if allowed else []
        assert remaining == calls - len(log)


@given(
    gaps=st.lists(st.floats(0, 0.4), min_size=1, max_size=400),
    calls=st.integers(ENTRIES + 1, ENTRIES + 60),
    period=st.integers(1, 60),
)
def test_large_limits_are_never_exceeded(shared: Counters, gaps: list[float], calls: int, period: int) -> None:
    """Beyond it no window ever holds more than `calls`, and a call counts at most 1/126 of the period too long."""
    now, log, key = 1000.0, [], next(KEYS)
    for gap in gaps:
        now += gap
        in_window = sum(now - t < period for t in log)
        nearly = sum(now - t < period * (1 + 1 / 126) + 1e-6 for t in log)
        allowed, _, _ = shared.at(now, key, calls=calls, period=period)
        if allowed:
            assert in_window < calls
            log.append(now)
        else:
            assert nearly >= calls


def test_filling_the_table_shuts_nobody_out_and_forgets_nobody() -> None:
    """With keys that anybody can make up: new callers are counted all the same, and who was counted much stays so."""
    counters = Counters()
    for _ in range(2):
        assert counters.at(1000, "busy", calls=2)[0] is True
    assert all(counters.at(1000, f"key-{i}", calls=2)[0] for i in range(40_000))
    assert counters.at(1000, "busy", calls=2)[0] is False
    for _ in range(2):
        assert counters.at(1000, "new", calls=2)[0] is True
    assert counters.at(1000, "new", calls=2)[0] is False


def test_key_itself_is_not_stored(shared: Counters) -> None:
    """The memory holds hashes only: keys may be addresses or names of people."""
    shared.at(1000, "alice@example.com")
    assert shared.vm.eval(b"require('ffi').string(memory, R.counters_size)").find(b"alice") < 0


def test_lock_that_is_never_given_back(shared: Counters) -> None:
    """Waiting ends with an error, which refuses the request."""
    vm = Counters().vm
    vm.execute(
        b"local ffi = require('ffi')\n"
        b"for i = 0, 63 do ffi.C.pthread_spin_trylock(ffi.cast('int *', memory + 4096 + i * 64)) end"
    )
    assert vm.eval(b"pcall(at, 1000, 'k', 1, 1)")[0] is False


def test_layout_is_its_twins(tmp_path: Path) -> None:
    """The file that Python makes is the one that Lua maps: size, header, offsets, free locks."""
    create(tmp_path / "memory")
    data = (tmp_path / "memory").read_bytes()
    vm = runtime()
    assert vm.globals().R.counters_size == SIZE == len(data)
    assert vm.eval(b"tonumber(require('ffi').sizeof('tidegate_slot'))") == shared_memory.SLOT
    assert struct.unpack_from("<8sIIII", data) == (b"TIDEGATE", 1, STRIPES, shared_memory.SLOTS, ENTRIES)
    trylock = ctypes.CDLL(None).pthread_spin_trylock
    for stripe in range(STRIPES):
        lock = ctypes.c_int.from_buffer_copy(data, LOCKS + 64 * stripe)
        assert trylock(ctypes.byref(lock)) == 0


def test_maps_the_file_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting goes on where another process left it; a file of another shape is refused."""
    path = tmp_path / "memory"
    create(path)
    monkeypatch.setenv("TIDEGATE_SHARED_MEMORY", str(path))
    count = b"return {pcall(R.count, 'k', 2, 60, 1)}"
    assert [list(runtime().execute(count).values())[:2] for _ in range(3)] == [
        [True, True],
        [True, True],
        [True, False],
    ]
    create(path)
    assert list(runtime().execute(count).values())[1] is False
    path.write_bytes(b"short")
    assert list(runtime().execute(count).values()) == [False, b"the shared memory has another size"]
    path.write_bytes(b"x" * SIZE)
    assert list(runtime().execute(count).values()) == [False, b"the shared memory is of another version"]
    create(path)
    assert list(runtime().execute(count).values())[1] is True
    monkeypatch.delenv("TIDEGATE_SHARED_MEMORY")
    assert list(runtime().execute(count).values()) == [False, b"TIDEGATE_SHARED_MEMORY is not set"]
