"""Rotation: what happens to a key set as time passes, or when an operator asks. Pure but for making keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from tidegate.keys.signing import SigningKey, generate_key
from tidegate.keys.states import KeyEvent, KeyRecord, KeySet, KeyState, Schedule, due

Generate: TypeAlias = Callable[[float], SigningKey]
"""Makes a key at a time (epoch seconds)."""

RETIRED_KEPT: Final = 16
"""How many retired keys are remembered by name: enough to explain an old token, not a growing file."""


def generate_at(now: float) -> SigningKey:
    """The usual `Generate`."""
    return generate_key(now=now)


def first_keys(purpose: str, *, now: float, generate: Generate = generate_at) -> KeySet:
    """The keys of a purpose that has none: one signs at once (nobody can have cached a set), one is published."""
    current, following = generate(now), generate(now)
    return KeySet(
        purpose,
        (
            KeyRecord(current.kid, KeyState.CURRENT, now, now, current),
            KeyRecord(following.kid, KeyState.NEXT, now, now, following),
        ),
    )


def advance(key_set: KeySet, schedule: Schedule, *, now: float, generate: Generate = generate_at) -> KeySet:
    """Apply what is due at `now`. The same object comes back when nothing is."""
    while events := due(key_set, schedule, now=now):
        key_set = _apply(key_set, events, now=now, generate=generate)
    return key_set


def rotate(key_set: KeySet, schedule: Schedule, *, now: float, generate: Generate = generate_at) -> KeySet:
    """Rotate now because an operator asked: the published next key signs, however short it was published.

    Twice in a row promotes a key that verifiers with a cached set have not seen; the old ones stay valid either way.
    """
    current, following = key_set.in_state(KeyState.CURRENT)[0], key_set.in_state(KeyState.NEXT)[0]
    events = ((current.kid, KeyEvent.DEMOTE), (following.kid, KeyEvent.PROMOTE))
    return advance(_apply(key_set, events, now=now, generate=generate), schedule, now=now, generate=generate)


def _apply(key_set: KeySet, events: tuple[tuple[str, KeyEvent], ...], *, now: float, generate: Generate) -> KeySet:
    wanted = dict(events)
    records = [
        record.after(wanted[record.kid], now=now) if record.kid in wanted else record for record in key_set.records
    ]
    if KeyEvent.PROMOTE in wanted.values():
        fresh = generate(now)
        records.append(KeyRecord(fresh.kid, KeyState.NEXT, now, now, fresh))
    retired = sorted((r for r in records if r.state is KeyState.RETIRED), key=lambda r: (r.changed, r.kid))
    forgotten = {record.kid for record in retired[:-RETIRED_KEPT]}
    return KeySet(key_set.purpose, tuple(record for record in records if record.kid not in forgotten))
