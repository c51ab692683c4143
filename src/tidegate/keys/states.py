"""The life of a signing key, as a table.

    next ──promote──> current ──demote──> previous ──retire──> retired

A key is published from `next` on, so every verifier has it before it signs; it stays published as `previous` until the
last token that it signed has ended. `retired` keeps the name and the dates, not the key.

Who may change what when is decided by `due`, a pure function of the set, the time and the `Schedule`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from tidegate.keys.signing import SigningKey


class KeyState(StrEnum):
    NEXT = "next"
    CURRENT = "current"
    PREVIOUS = "previous"
    RETIRED = "retired"


class KeyEvent(StrEnum):
    PROMOTE = "promote"
    DEMOTE = "demote"
    RETIRE = "retire"


TRANSITIONS: Final[Mapping[KeyState, Mapping[KeyEvent, KeyState]]] = {
    KeyState.NEXT: {KeyEvent.PROMOTE: KeyState.CURRENT},
    KeyState.CURRENT: {KeyEvent.DEMOTE: KeyState.PREVIOUS},
    KeyState.PREVIOUS: {KeyEvent.RETIRE: KeyState.RETIRED},
    KeyState.RETIRED: {},
}
"""A missing entry is a mistake of the caller: KeyTransitionError."""

SIGNING: Final = frozenset({KeyState.CURRENT})
PUBLISHED: Final = frozenset({KeyState.NEXT, KeyState.CURRENT, KeyState.PREVIOUS})


class KeyTransitionError(ValueError):
    """An event that the state of the key does not allow."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When keys move on. All in seconds."""

    signing_s: float = 30 * 86_400.0
    """How long a key signs."""
    publish_ahead_s: float = 86_400.0
    """How long a key is published before it may begin to sign by itself: verifiers cache key sets for a day."""
    overlap_s: float = 7_200.0
    """How long a key stays published after it stopped signing."""
    longest_token_s: float = 5_400.0
    """The longest lifetime of a token that these keys sign."""

    def __post_init__(self) -> None:
        if self.overlap_s <= self.longest_token_s:
            raise ValueError(
                f"the overlap ({self.overlap_s:g} s) must be longer than the longest token lifetime "
                f"({self.longest_token_s:g} s), or valid tokens stop verifying"
            )
        if self.signing_s <= 0 or self.publish_ahead_s < 0:
            raise ValueError(f"a key signs for more than 0 s and is published ahead for at least 0 s, got {self}")


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key and where it stands."""

    kid: str
    state: KeyState
    created: float
    changed: float
    """When it entered its state. Both are epoch seconds."""
    key: SigningKey | None
    """None exactly when retired."""

    def __post_init__(self) -> None:
        if (self.key is None) != (self.state is KeyState.RETIRED):
            raise ValueError(f"key {self.kid} is {self.state} and {'lacks' if self.key is None else 'has'} its key")
        if self.key is not None and self.key.kid != self.kid:
            raise ValueError(f"key {self.kid} is named otherwise: its thumbprint is {self.key.kid}")

    def after(self, event: KeyEvent, *, now: float) -> KeyRecord:
        """The record after `event`. KeyTransitionError: the state does not allow it."""
        state = TRANSITIONS[self.state].get(event)
        if state is None:
            allowed = ", ".join(TRANSITIONS[self.state]) or "nothing"
            raise KeyTransitionError(f"key {self.kid} is {self.state}: {event} is not allowed, only {allowed}")
        return replace(self, state=state, changed=now, key=None if state is KeyState.RETIRED else self.key)


@dataclass(frozen=True, slots=True)
class KeySet:
    """All keys of one purpose: one current, one next, any number of previous and retired ones."""

    purpose: str
    records: tuple[KeyRecord, ...]

    def __post_init__(self) -> None:
        for state in (KeyState.CURRENT, KeyState.NEXT):
            count = sum(record.state is state for record in self.records)
            if count != 1:
                raise ValueError(f"the keys for {self.purpose!r} must hold one {state} key, got {count}")
        if len({record.kid for record in self.records}) != len(self.records):
            raise ValueError(f"the keys for {self.purpose!r} hold one key twice")

    def in_state(self, state: KeyState) -> tuple[KeyRecord, ...]:
        return tuple(record for record in self.records if record.state is state)

    @property
    def current(self) -> SigningKey:
        """The key that signs."""
        return _key(self.in_state(KeyState.CURRENT)[0])

    @property
    def published(self) -> tuple[SigningKey, ...]:
        """Keys to verify with, the current one first, then the next, then the previous ones."""
        order = (KeyState.CURRENT, KeyState.NEXT, KeyState.PREVIOUS)
        return tuple(_key(record) for state in order for record in self.in_state(state))


def due(key_set: KeySet, schedule: Schedule, *, now: float) -> tuple[tuple[str, KeyEvent], ...]:
    """The events whose time has come, as (kid, event): previous keys to retire, then a whole rotation."""
    events = [
        (record.kid, KeyEvent.RETIRE)
        for record in key_set.in_state(KeyState.PREVIOUS)
        if now >= record.changed + schedule.overlap_s
    ]
    current, following = key_set.in_state(KeyState.CURRENT)[0], key_set.in_state(KeyState.NEXT)[0]
    if now >= _rotation_at(current, following, schedule):
        events += [(current.kid, KeyEvent.DEMOTE), (following.kid, KeyEvent.PROMOTE)]
    return tuple(events)


def next_due(key_set: KeySet, schedule: Schedule) -> float:
    """Epoch seconds at which `due` next has something to say, if nothing else happens."""
    current, following = key_set.in_state(KeyState.CURRENT)[0], key_set.in_state(KeyState.NEXT)[0]
    moments = [record.changed + schedule.overlap_s for record in key_set.in_state(KeyState.PREVIOUS)]
    return min([_rotation_at(current, following, schedule), *moments])


def _rotation_at(current: KeyRecord, following: KeyRecord, schedule: Schedule) -> float:
    return max(current.changed + schedule.signing_s, following.changed + schedule.publish_ahead_s)


def _key(record: KeyRecord) -> SigningKey:
    if record.key is None:
        raise ValueError(f"key {record.kid} is {record.state} and has no key")
    return record.key
