"""When a process is started, restarted and given up: a table and a back-off, without I/O or a clock of its own.

    idle --start--> running --exited--> waiting --timer--> running
                       |                   |
                       +----- stop --------+--> stopping --exited--> stopped

A process that ran for STABLE_S is trusted again: its next exit is answered by the shortest delay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

FIRST_DELAY_S: Final = 0.1
LONGEST_DELAY_S: Final = 10.0
STABLE_S: Final = 10.0


class State(StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    WAITING = "backing-off"
    STOPPING = "stopping"
    STOPPED = "stopped"


class Event(StrEnum):
    START = "start"
    EXITED = "exited"
    """Also: could not be started at all."""
    TIMER = "timer"
    """The delay before a restart, or the grace after a stop, is over."""
    STOP = "stop"
    KILL = "kill"


class Effect(StrEnum):
    """What the shell does after a transition, in order."""

    SPAWN = "spawn"
    ARM_RESTART = "arm-restart"
    ARM_GRACE = "arm-grace"
    DISARM = "disarm"
    ASK_TO_STOP = "ask-to-stop"
    KILL_GROUP = "kill-group"


_Row = Mapping[Event, tuple[State, tuple[Effect, ...]]]

TRANSITIONS: Final[Mapping[State, _Row]] = MappingProxyType(
    {
        State.IDLE: {
            Event.START: (State.RUNNING, (Effect.SPAWN,)),
            Event.STOP: (State.STOPPED, ()),
            Event.KILL: (State.STOPPED, ()),
        },
        State.RUNNING: {
            # The group dies with its leader: what a workload left behind would hold its port.
            Event.EXITED: (State.WAITING, (Effect.KILL_GROUP, Effect.ARM_RESTART)),
            Event.STOP: (State.STOPPING, (Effect.ASK_TO_STOP, Effect.ARM_GRACE)),
            Event.KILL: (State.STOPPING, (Effect.KILL_GROUP,)),
        },
        State.WAITING: {
            Event.TIMER: (State.RUNNING, (Effect.SPAWN,)),
            Event.STOP: (State.STOPPED, (Effect.DISARM,)),
            Event.KILL: (State.STOPPED, (Effect.DISARM,)),
        },
        State.STOPPING: {
            Event.EXITED: (State.STOPPED, (Effect.DISARM, Effect.KILL_GROUP)),
            Event.TIMER: (State.STOPPING, (Effect.KILL_GROUP,)),
            Event.STOP: (State.STOPPING, ()),
            Event.KILL: (State.STOPPING, (Effect.DISARM, Effect.KILL_GROUP)),
        },
        State.STOPPED: {
            Event.START: (State.RUNNING, (Effect.SPAWN,)),
            Event.STOP: (State.STOPPED, ()),
            Event.KILL: (State.STOPPED, ()),
        },
    }
)
"""A missing entry is our own mistake: KeyError."""


@dataclass(slots=True)
class Supervision:
    """The state of one process. Times are monotonic seconds, given by the caller."""

    state: State = State.IDLE
    restarts: int = 0
    """Since the last time it was stable."""
    starts: int = 0
    _started_at: float = 0.0

    def receive(self, event: Event, *, now: float) -> tuple[Effect, ...]:
        """Go to the next state; the effects are the caller's to perform."""
        before = self.state
        self.state, effects = TRANSITIONS[self.state][event]
        if Effect.SPAWN in effects:
            self.starts += 1
            self._started_at = now
        if before is State.RUNNING and event is Event.EXITED:
            self.restarts = 1 if now - self._started_at >= STABLE_S else self.restarts + 1
        return effects

    @property
    def delay_s(self) -> float:
        """How long to wait before the next start: doubles with each exit, bounded."""
        if self.restarts == 0:
            return 0.0
        # The exponent is bounded too: 2.0**1024 would raise.
        doublings = min(self.restarts - 1, 16)
        return float(min(FIRST_DELAY_S * 2.0**doublings, LONGEST_DELAY_S))
