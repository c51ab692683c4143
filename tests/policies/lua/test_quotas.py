"""Fixed windows that last, against a plain model; and what an interrupted write leaves."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expression_lab import runtime
from tidegate.policies.shared_memory import FIRST_SLOT, QUOTAS, create

_USE = b"""
local ffi = require("ffi")
ffi.cdef("int pthread_spin_init(int *, int);")
memory = ffi.new("char[?]", R.quotas_size)
for i = 0, 63 do ffi.C.pthread_spin_init(ffi.cast("int *", memory + 4096 + i * 64), 1) end
now = 1000000
R.use_quotas(memory, function() return now end)
function at(time, key, period, calls, bytes, count, traffic, mode, first)
  now = time
  return R.quota_count("t:", key, first or 0, period, calls, bytes, count, traffic, mode or 0)
end
function tear(seed)
  -- The last write of every slot as a crash may leave it: some of its bytes are not there.
  local slots = ffi.cast("tidegate_quota_slot *", memory + 8192)
  for i = 0, 64 * 2048 - 1 do
    local one, two = slots[i].copy[0], slots[i].copy[1]
    if one.turn ~= 0 or two.turn ~= 0 then
      local newest = one.turn > two.turn and one or two
      local bytes = ffi.cast("uint8_t *", newest)
      for at = 0, 63 do
        if (seed + at) % 3 ~= 0 then bytes[at] = 0 end
      end
    end
  end
end
"""
# Keys that lie where "busy" does, three times as many as there are places.
_CROWD = b"""
local bit = require("bit")
local function place(key)
  local _, _, _, _, e = R.sha256_words("t:" .. key .. "\\0" .. 300 .. "\\0" .. 0)
  return bit.band(e, 63), bit.band(bit.rshift(e, 8), 2047)
end
local stripe, probe = place("busy")
for i = 1, 150000 do
  local other, start = place("key-" .. i)
  if other == stripe and bit.band(start - probe + 64, 2047) <= 128 then
    assert((at(1000, "key-" .. i, 300, 3, 9, 1, 0)))
  end
end
"""
KEYS = (f"own-{number}" for number in itertools.count())
BIG = float("inf")


class Quotas:
    """The runtime's quotas in memory of their own."""

    def __init__(self) -> None:
        self.vm = runtime()
        self.vm.execute(_USE)

    def at(
        self, time: float, key: str = "k", *, period: int = 300, calls: float = BIG, bytes_: float = BIG,
        count: int = 1, traffic: int = 0, mode: int = 0, first: int = 0,
    ) -> Any:  # fmt: skip
        return self.vm.globals().at(time, key.encode(), period, calls, bytes_, count, traffic, mode, first)


@pytest.fixture(scope="module")
def shared() -> Quotas:
    """For tests that use keys of their own."""
    return Quotas()


def test_windows_are_fixed(shared: Quotas) -> None:
    """All calls of a window are forgotten together, at its end."""
    assert [shared.at(t, "a", calls=2)[0] for t in (600, 899, 899.5)] == [True, True, False]
    assert shared.at(899.5, "a", calls=2)[1:] == (2, 0, 0.5)
    assert [shared.at(t, "a", calls=2)[0] for t in (900, 901, 902)] == [True, True, False]


def test_windows_begin_where_they_are_told_to(shared: Quotas) -> None:
    """The first window's start sets all others', also before it."""
    assert shared.at(1000, "f", first=10)[3] == 210
    assert shared.at(1000, "f", first=5_000)[3] == 100


def test_window_without_end(shared: Quotas) -> None:
    """A period of 0 never renews."""
    assert shared.at(1e6, "n", period=0, calls=1)[0] is True
    fits, calls, _, left = shared.at(9e9, "n", period=0, calls=1)
    assert (fits, calls, left) == (False, 1, BIG)


def test_bytes(shared: Quotas) -> None:
    """What is under way when they are used up still passes."""
    assert shared.at(1000, "b", bytes_=100, count=0, traffic=99)[0] is True
    assert shared.at(1000, "b", bytes_=100, count=0, traffic=99)[0] is True
    assert shared.at(1000, "b", bytes_=100, count=0, traffic=1, mode=2) == (False, 0, 198, 200)


def test_periods_are_counters_of_their_own(shared: Quotas) -> None:
    """An hour's and a day's quota over one key do not mix."""
    assert shared.at(1000, "p", period=3600, calls=1)[0] is True
    assert shared.at(1000, "p", period=86400, calls=1)[0] is True
    assert shared.at(1000, "p", period=3600, calls=1)[0] is False


@given(
    steps=st.lists(
        st.tuples(st.floats(0, 200), st.integers(0, 3), st.integers(0, 50), st.sampled_from([0, 1, 2])), max_size=60
    ),
    calls=st.integers(1, 9),
    kilobytes=st.integers(1, 200),
    first=st.integers(-1000, 1000),
)
def test_is_its_model(
    shared: Quotas, steps: list[tuple[float, int, int, int]], calls: int, kilobytes: int, first: int
) -> None:
    """Taking, forcing and asking answer as two numbers a window do."""
    now, key, model = 5000.0, next(KEYS), {}
    for gap, count, traffic, mode in steps:
        now += gap
        window = (now - first) // 300
        had = model.get(window, (0, 0))
        fits = had[0] + count <= calls and had[1] < kilobytes
        answer = shared.at(
            now, key, calls=calls, bytes_=kilobytes, count=count, traffic=traffic, mode=mode, first=first
        )
        assert answer[:3] == (fits, *had)
        if mode == 1 or (mode == 0 and fits):
            model[window] = (had[0] + count, had[1] + traffic)


@pytest.mark.parametrize("seed", range(3))
def test_torn_write_leaves_what_was_before(seed: int) -> None:
    """Each write goes to the older of two copies: what a loss of power tears is one call, never a wrong count."""
    quotas = Quotas()
    assert [quotas.at(1000, "t", calls=9)[1] for _ in range(4)] == [0, 1, 2, 3]
    quotas.vm.globals().tear(seed)
    assert quotas.at(1000, "t", calls=9, mode=2)[1] == 3
    assert [quotas.at(1000, "t", calls=9)[1] for _ in range(2)] == [3, 4]


def test_full_table_forgets_who_was_counted_least() -> None:
    """A crowd of made-up keys does not reset who has used up a quota."""
    quotas = Quotas()
    assert [quotas.at(1000, "busy", calls=3)[0] for _ in range(4)] == [True, True, True, False]
    quotas.vm.execute(_CROWD)
    assert quotas.at(1000, "busy", calls=3)[0] is False


def test_survives_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each runtime maps the file anew, and counts on; so do those after a start of Tidegate."""
    path = tmp_path / "memory"
    monkeypatch.setenv("TIDEGATE_SHARED_MEMORY", str(path))
    ask = b"return {pcall(R.quota_count, 't:', 'k', 0, 0, 2, math.huge, 1, 0, 0)}"
    seen = []
    for _ in range(3):
        create(path)
        seen.append(list(runtime().execute(ask).values())[1])
    assert seen == [True, True, False]
    file = QUOTAS.below(path)
    assert (file.stat().st_size, file.stat().st_mode & 0o777) == (QUOTAS.size, 0o600)
    assert QUOTAS.size - FIRST_SLOT == 64 * 2048 * runtime().eval(
        b"R.quota_count and tonumber(require('ffi').sizeof('tidegate_quota_slot'))"
    )
