"""The ring of cached texts, against a plain dictionary; what is bounded stays bounded."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from expression_lab import runtime
from tidegate.policies.shared_memory import CACHE

_USE = b"""
local ffi = require("ffi")
ffi.cdef("int pthread_spin_init(int *, int);")
memory = ffi.new("char[?]", R.cache_size)
for i = 0, 63 do ffi.C.pthread_spin_init(ffi.cast("int *", memory + 4096 + i * 64), 1) end
now = 1000000
R.use_cache(memory, function() return now end)
function put(time, key, text, seconds) now = time return R.cache_write("t:", key, text, seconds) end
function get(time, key) now = time return (R.cache_read("t:", key)) end
function remove(key) R.cache_remove("t:", key) end
"""
NUMBERS = itertools.count()


class Cache:
    """The runtime's cache in memory of its own."""

    def __init__(self) -> None:
        self.vm = runtime()
        self.vm.execute(_USE)
        self.get: Any = self.vm.globals().get
        self.put: Any = self.vm.globals().put
        self.remove: Any = self.vm.globals().remove


@pytest.fixture(scope="module")
def shared() -> Cache:
    """For tests that use keys of their own."""
    return Cache()


def test_layout_is_its_twins(shared: Cache) -> None:
    """Python makes the file as long as Lua maps it."""
    assert shared.vm.globals().R.cache_size == CACHE.size


def test_lives_as_long_as_told(shared: Cache) -> None:
    """And not at its last moment any more."""
    assert shared.put(1000, b"k", b"v", 10) is True
    assert [shared.get(t, b"k") for t in (1000, 1009.9, 1010)] == [b"v", b"v", None]
    assert shared.put(1000, b"z", b"v", 0) is False
    assert shared.get(1000, b"z") is None


def test_clock_that_was_set_back(shared: Cache) -> None:
    """What seems to be of the future is not believed."""
    shared.put(5000, b"future", b"v", 100)
    assert shared.get(4000, b"future") is None


def test_too_large_is_not_kept_and_forgets_what_was(shared: Cache) -> None:
    """Two MiB at most; the value before is not the value now."""
    assert shared.put(1000, b"large", b"x" * 2**21, 10) is True
    assert len(shared.get(1000, b"large")) == 2**21
    assert shared.put(1000, b"large", b"x" * (2**21 + 1), 10) is False
    assert shared.get(1000, b"large") is None


def test_what_is_used_stays_and_the_rest_gives_way() -> None:
    """A flood of made-up keys takes no more than the ring, and not the place of what is read again and again."""
    cache = Cache()
    cache.put(1000, b"hot", b"h" * 1000, 1e6)
    cache.put(1000, b"cold", b"c" * 1000, 1e6)
    cache.vm.execute(
        b"local text = string.rep('x', 60000)\n"
        b"for i = 1, 6000 do put(1000, 'key-' .. i, text, 1e6); if i % 20 == 0 then get(1000, 'hot') end end"
    )
    assert cache.get(1000, b"hot") == b"h" * 1000
    assert cache.get(1000, b"cold") is None
    kept = cache.vm.execute(b"local n = 0 for i = 1, 6000 do if get(1000, 'key-' .. i) then n = n + 1 end end return n")
    assert 1500 < kept <= 16 * 2**23 / 60000


def test_a_reader_never_gets_what_was_written_over(shared: Cache) -> None:
    """An entry whose place the ring has come round to is gone, however its bytes look."""
    answer = shared.vm.execute(
        b"local text = string.rep('y', 2097000)\n"
        b"for i = 1, 150 do\n"
        b"  put(1000, 'round-' .. i, i .. text, 1e6)\n"
        b"  for j = math.max(1, i - 90), i, 15 do\n"
        b"    local got = get(1000, 'round-' .. j)\n"
        b"    if got and got ~= j .. text then return j end\n"
        b"  end\n"
        b"end\n"
    )
    assert answer is None


class Machine(RuleBasedStateMachine):
    """Everything small: the cache is a dictionary with times."""

    keys = st.sampled_from([b"a", b"b", b"c"])

    def __init__(self) -> None:
        super().__init__()
        self.cache = CACHES
        self.prefix = f"m{next(NUMBERS)}-".encode()
        self.now = 1000.0
        self.model: dict[bytes, tuple[bytes, float]] = {}

    @rule(key=keys, text=st.binary(max_size=50), seconds=st.integers(0, 20))
    def put(self, key: bytes, text: bytes, seconds: int) -> None:
        self.cache.put(self.now, self.prefix + key, text, seconds)
        self.model[key] = (text, self.now + seconds)

    @rule(key=keys)
    def get(self, key: bytes) -> None:
        text, ends = self.model.get(key, (None, 0.0))
        assert self.cache.get(self.now, self.prefix + key) == (text if ends > self.now else None)

    @rule(key=keys)
    def remove(self, key: bytes) -> None:
        self.cache.remove(self.prefix + key)
        self.model.pop(key, None)

    @rule(seconds=st.integers(1, 10))
    def wait(self, seconds: int) -> None:
        self.now += seconds


CACHES = Cache()
TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
