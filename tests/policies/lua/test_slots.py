"""Leases of limit-concurrency, in time that a test moves, against a plain model."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from expression_lab import runtime
from tidegate.policies.shared_memory import LEASES

_USE = b"""
local ffi = require("ffi")
ffi.cdef("int pthread_spin_init(int *, int);")
memory = ffi.new("char[?]", R.slots_size)
for i = 0, 63 do ffi.C.pthread_spin_init(ffi.cast("int *", memory + 4096 + i * 64), 1) end
now = 1000
R.use_slots(memory, function() return now end)
requests = {}
function enter(time, request, key, most)
  now = time
  local q = requests[request] or {}
  requests[request] = q
  local ok, slot = pcall(R.slot_acquire, q, key, most)
  if ok then q.last = slot return true end
  return slot.reason
end
function leave(time, request) now = time R.slot_release(requests[request], requests[request].last) end
function done(time, request) now = time R.slots_end(requests[request]) requests[request] = nil end
function wait(time, request, seconds) now = time R.slots_wait(requests[request], seconds) end
function resumed(time, request) now = time R.slots_resumed(requests[request]) end
function vanish(request) requests[request] = nil end
"""
NUMBERS = itertools.count()
FULL = b"ConcurrencyLimitExceeded"


class Slots:
    """The runtime's leases in memory of their own."""

    def __init__(self) -> None:
        self.vm = runtime()
        self.vm.execute(_USE)
        self.lua: Any = self.vm.globals()

    def enter(self, request: str, key: str, most: int, time: float = 1000) -> Any:
        return self.lua.enter(time, request.encode(), key.encode(), most)


@pytest.fixture(scope="module")
def slots() -> Slots:
    return Slots()


def test_layout_is_its_twins(slots: Slots) -> None:
    """Python makes the file as long as Lua maps it."""
    assert slots.lua.R.slots_size == LEASES.size


def test_so_many_and_no_more(slots: Slots) -> None:
    """A key each; who leaves makes room."""
    assert [slots.enter(f"a{n}", "a", 2) for n in range(3)] == [True, True, FULL]
    assert slots.enter("b", "b", 1) is True
    slots.lua.leave(1000, b"a0")
    assert [slots.enter(f"a{n}", "a", 2) for n in (4, 5)] == [True, FULL]


def test_the_end_of_a_request_gives_back_all(slots: Slots) -> None:
    """Elements inside one another, or left by a failure."""
    assert [slots.enter("r", key, 1) for key in ("c", "d", "c")] == [True, True, FULL]
    slots.lua.done(1000, b"r")
    assert [slots.enter("s", key, 1) for key in ("c", "d")] == [True, True]
    slots.lua.done(1000, b"s")


def test_leases_end_with_the_wait(slots: Slots) -> None:
    """A request that never came back from its wait holds nothing for good."""
    assert slots.enter("w", "w", 1, 1000) is True
    slots.lua.wait(1000, b"w", 60)
    assert slots.enter("x", "w", 1, 1069) == FULL
    assert slots.enter("x", "w", 1, 1071) is True
    assert slots.enter("u", "u", 1, 1000) is True
    slots.lua.wait(1000, b"u", 60)
    slots.lua.resumed(1050, b"u")
    assert slots.enter("x", "u", 1, 1300) == FULL
    # Its own lease has ended and is another's: giving it back again takes nothing from that one.
    slots.lua.leave(1300, b"w")
    assert slots.enter("y", "w", 1, 1300) == FULL


def test_abandoned_requests_are_found_by_who_needs_room(slots: Slots) -> None:
    """Nothing refers to them any more, which the collector tells."""
    assert slots.enter("gone", "g", 1, 5000) is True
    slots.lua.vanish(b"gone")
    assert slots.enter("next", "g", 1, 5001) is True


def test_a_crowd_of_keys(slots: Slots) -> None:
    """Many at once have places; each key its own."""
    fresh = Slots()
    assert all(fresh.enter(f"r{n}", f"key-{n}", 1) is True for n in range(2000))
    assert all(fresh.enter(f"q{n}", f"key-{n}", 1) == FULL for n in range(0, 2000, 400))


class Machine(RuleBasedStateMachine):
    """Entering and leaving, against sets of requests."""

    def __init__(self) -> None:
        super().__init__()
        self.prefix = f"m{next(NUMBERS)}-"
        self.inside: dict[str, list[str]] = {"a": [], "b": []}

    @rule(key=st.sampled_from("ab"), most=st.integers(1, 4))
    def enter(self, key: str, most: int) -> None:
        request = f"{self.prefix}{next(NUMBERS)}"
        expected = len(self.inside[key]) < most
        assert (SLOTS.enter(request, self.prefix + key, most) is True) == expected
        if expected:
            self.inside[key].append(request)

    @precondition(lambda self: any(self.inside.values()))
    @rule(data=st.data(), fails=st.booleans())
    def leave(self, data: st.DataObject, fails: bool) -> None:
        key = data.draw(st.sampled_from([key for key, held in self.inside.items() if held]))
        request = data.draw(st.sampled_from(self.inside[key]))
        self.inside[key].remove(request)
        (SLOTS.lua.done if fails else SLOTS.lua.leave)(1000, request.encode())


SLOTS = Slots()
TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
