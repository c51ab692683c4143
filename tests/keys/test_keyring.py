"""The keys in use, over a store that others change too."""

from __future__ import annotations

import pytest

from keys.made_keys import NOW, generator
from tidegate.clock import ManualClock
from tidegate.keys import KeyRing, KeyState, MemoryKeyStore, Schedule

DAY = 86_400.0


def _ring(store: MemoryKeyStore, clock: ManualClock) -> KeyRing:
    return KeyRing("tenants", store=store, clock=clock, generate=generator())


def test_the_first_ring_makes_keys_and_the_next_one_finds_them() -> None:
    """A restart signs with the same key."""
    store, clock = MemoryKeyStore(), ManualClock(NOW)
    assert _ring(store, clock).key_set == _ring(store, clock).key_set


def test_a_restart_does_what_came_due_meanwhile() -> None:
    """Nothing has to run for a rotation to be due."""
    store, clock = MemoryKeyStore(), ManualClock(NOW)
    before = _ring(store, clock).key_set
    clock.advance(31 * DAY)
    make = generator()
    make(NOW), make(NOW)
    after = KeyRing("tenants", store=store, clock=clock, generate=make)
    assert after.current == before.published[1]
    assert after.find(before.current.kid) == before.current


def test_another_processs_rotation_is_taken_over() -> None:
    """Two rings over one store agree after a refresh, and keys of before still verify."""
    store, clock = MemoryKeyStore(), ManualClock(NOW)
    make = generator()
    one = KeyRing("tenants", store=store, clock=clock, generate=make)
    two = KeyRing("tenants", store=store, clock=clock, generate=make)
    old = two.current
    one.rotate()
    assert two.current == old
    two.refresh()
    assert two.current == one.current
    assert two.find(old.kid) == old


def test_a_retired_key_is_no_longer_found() -> None:
    """After the overlap a token of the old key does not verify any more."""
    store, clock = MemoryKeyStore(), ManualClock(NOW)
    ring = _ring(store, clock)
    old = ring.current.kid
    ring.rotate()
    clock.advance(Schedule().overlap_s)
    ring.refresh()
    assert ring.find(old) is None
    assert [record.kid for record in ring.key_set.in_state(KeyState.RETIRED)] == [old]


def test_an_unknown_key_is_not_found() -> None:
    """None, not an error: tokens name what they like."""
    assert _ring(MemoryKeyStore(), ManualClock(NOW)).find("other") is None


def test_it_knows_when_to_look_again() -> None:
    """The moment of the next change, so that nobody has to poll."""
    clock = ManualClock(NOW)
    ring = _ring(MemoryKeyStore(), clock)
    assert ring.next_due == pytest.approx(NOW + Schedule().signing_s)
    ring.rotate()
    assert ring.next_due == pytest.approx(NOW + Schedule().overlap_s)
