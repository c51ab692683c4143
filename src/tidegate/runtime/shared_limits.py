"""Limits over several machines: what this machine has counted goes to Valkey, and what is near its limit comes back.

The other side of lua/sharing.lua. Only one process writes what is written here, so that only the journal, which Envoy's
workers write, needs care: its head moves after the entry is there.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Final

from tidegate.adapters.valkey import Reply, Valkey, ValkeyError
from tidegate.clock import Clock
from tidegate.policies.shared_memory import (
    FIRST_SLOT,
    JOURNAL,
    NEAR,
    NEAR_PLACE,
    NEAR_PROBES,
    PUSHED,
    SYNC,
    SYNC_HEAD,
)

PUSH_EVERY_S: Final = 0.05
_KEYS: Final = ("{tidegate}:machines", "{tidegate}:near", "{tidegate}:until")
_NEAR_FOR: Final = 1.5
"""Periods for which a key stays near after it was told: whatever was counted before has left its window by then."""
_MOST_KEYS: Final = 2000
"""Keys of one push: a script must not hold Valkey for long."""
_JOURNAL_AT: Final = FIRST_SLOT + SYNC_HEAD
_NEAR_AT: Final = _JOURNAL_AT + JOURNAL * PUSHED.size


def script() -> str:
    """What runs inside Valkey."""
    return resources.files("tidegate.adapters").joinpath("valkey_limits.lua").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Pushed:
    """Calls of one key."""

    key: str
    """32 hexadecimal digits."""
    calls: int
    period_s: float
    count: int
    at_s: float
    """Of the last of them, by the machine's monotonic clock."""


class SyncMemory:
    """The file that is shared with Envoy's workers."""

    def __init__(self, shared_memory: Path) -> None:
        with SYNC.below(shared_memory).open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), SYNC.size)

    def close(self) -> None:
        self._memory.close()

    def _field(self, index: int, value: float | None = None) -> float:
        at = FIRST_SLOT + 8 * index
        if value is not None:
            struct.pack_into("<d", self._memory, at, value)
        found: float = struct.unpack_from("<d", self._memory, at)[0]
        return found

    def say(self, *, synced_s: float, machines: int) -> None:
        """What is told here is as new as `synced_s`."""
        self._field(2, machines)
        self._field(0, synced_s)

    @property
    def machines(self) -> int:
        """How many there are, as known here; 0 before the first news."""
        return int(self._field(2))

    def refuse_when_away(self, refuses: bool) -> None:  # noqa: FBT001 - the only word it takes
        self._field(3, float(refuses))

    def drain(self) -> list[Pushed]:
        """Take what the workers have counted, by key. The epoch goes first: what comes meanwhile is of the next."""
        self._field(1, (self._field(1) + 1) % 2**30)
        head, tail = int(self._field(4)), int(self._field(5))
        found: dict[tuple[str, int, float], Pushed] = {}
        for number in range(tail, head):
            *words, at, calls, period, count = PUSHED.unpack_from(
                self._memory, _JOURNAL_AT + (number % JOURNAL) * PUSHED.size
            )
            key = "".join(f"{word & 0xFFFFFFFF:08x}" for word in words)
            before = found.get((key, int(calls), period))
            counted = count + (before.count if before else 0)
            found[key, int(calls), period] = Pushed(key, int(calls), period, counted, at)
        self._field(5, head)
        return list(found.values())

    def mark_near(self, key: str, *, until_s: float, now_s: float) -> None:
        """From now on each call of the key is counted in Valkey before it passes."""
        raw = bytes.fromhex(key)
        words = struct.unpack(">4i", raw)
        oldest, chosen = float("inf"), 0
        for probe in range(NEAR_PROBES):
            at = _NEAR_AT + ((words[0] + probe) % NEAR) * NEAR_PLACE.size
            *own, ends = NEAR_PLACE.unpack_from(self._memory, at)
            if tuple(own) == words:
                NEAR_PLACE.pack_into(self._memory, at, *words, max(ends, until_s))
                return
            if ends < oldest:
                oldest, chosen = ends, at
            if ends <= now_s:
                break
        # The end goes first: a key that is only half written must not be another's.
        struct.pack_into("<d", self._memory, chosen + 16, 0.0)
        NEAR_PLACE.pack_into(self._memory, chosen, *words, until_s)


class SharedLimits:
    """This machine among the others."""

    def __init__(self, valkey: Valkey, memory: SyncMemory, *, machine: str, clock: Clock) -> None:
        self._valkey = valkey
        self._memory = memory
        self._machine = machine
        self._clock = clock
        self._script = script()
        self._acknowledged = 0
        self._heard = 0
        self._machines = 1
        self._kept: list[Pushed] = []
        """What Valkey has not been told yet."""

    async def push(self) -> None:
        """One exchange. Raises ValkeyError; what was to be told is told the next time."""
        self._kept = [*self._kept, *self._memory.drain()][-JOURNAL:]
        while True:
            part, rest = self._kept[:_MOST_KEYS], self._kept[_MOST_KEYS:]
            began = self._clock.monotonic()
            reply = await self._valkey.run(
                self._script,
                _KEYS,
                "push",
                self._machine,
                self._acknowledged,
                self._machines,
                *self._words(part, began),
            )
            self._kept = rest
            now_ms, machines, near = _news(reply)
            for word in near:
                key, _, period_ms = word.decode().partition(" ")
                told = self._clock.monotonic()
                self._memory.mark_near(key, until_s=told + _NEAR_FOR * float(period_ms) / 1000, now_s=told)
            # What was heard is acknowledged one exchange later: until then a worker may be about to count alone.
            self._acknowledged, self._heard, self._machines = self._heard, now_ms, machines
            self._memory.say(synced_s=began, machines=machines)
            if not rest:
                return

    def close(self) -> None:
        self._valkey.close()

    async def count(self, key: str, calls: int, period_s: float, count: int, mode: int) -> tuple[int, int, int]:
        """1 or 0 whether the calls fit, -1 if that is known soon; what remains; milliseconds until they would fit."""
        period_ms = round(period_s * 1000)
        reply = await self._valkey.run(self._script, _KEYS, "count", self._machine, key, calls, period_ms, count, mode)
        match reply:
            case [int(fits), int(remaining), int(wait)]:
                return fits, remaining, wait
            case _:
                raise ValkeyError("what answers is no Valkey")

    @staticmethod
    def _words(pushed: Sequence[Pushed], now_s: float) -> Iterable[str | float]:
        for each in pushed:
            age_ms = max(0, int((now_s - each.at_s) * 1000))
            yield from (each.key, each.calls, round(each.period_s * 1000), each.count, age_ms)


def _news(reply: Reply) -> tuple[int, int, list[bytes]]:
    match reply:
        case [int(now), int(machines), list(near)]:
            return now, machines, [word for word in near if isinstance(word, bytes)]
        case _:
            raise ValkeyError("what answers is no Valkey")
