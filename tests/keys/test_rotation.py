"""Rotation: overlap, order, and what a set looks like after years."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from keys.made_keys import NOW, generator, made
from tidegate.keys.rotation import RETIRED_KEPT, advance, first_keys, rotate
from tidegate.keys.states import KeyState, Schedule

DAY = 86_400.0
SCHEDULE = Schedule()


def test_nothing_due_gives_the_same_object() -> None:
    """A store can see by identity that there is nothing to write."""
    keys = first_keys("tenants", now=NOW, generate=generator())
    assert advance(keys, SCHEDULE, now=NOW + DAY) is keys


def test_the_published_next_key_is_the_one_that_signs() -> None:
    """Rotation promotes what verifiers have already seen, and publishes another."""
    keys = first_keys("tenants", now=NOW, generate=generator())
    old, following = keys.published
    rotated = advance(keys, SCHEDULE, now=NOW + 30 * DAY, generate=lambda _: made(2))
    assert rotated.current == following
    assert [key.kid for key in rotated.published] == [following.kid, made(2).kid, old.kid]


def test_after_the_overlap_the_old_key_is_gone_but_remembered() -> None:
    """A retired key keeps its name and dates, not its private key."""
    make = generator()
    keys = rotate(first_keys("tenants", now=NOW, generate=make), SCHEDULE, now=NOW, generate=make)
    later = advance(keys, SCHEDULE, now=NOW + SCHEDULE.overlap_s, generate=make)
    (retired,) = later.in_state(KeyState.RETIRED)
    assert retired.kid == made(0).kid
    assert retired.key is None
    assert made(0) not in later.published


def test_an_operator_may_rotate_at_any_time_and_twice() -> None:
    """Keys of unfinished overlaps all stay published."""
    make = generator()
    keys = first_keys("tenants", now=NOW, generate=make)
    for _ in range(3):
        keys = rotate(keys, SCHEDULE, now=NOW + 1, generate=make)
    assert len(keys.in_state(KeyState.PREVIOUS)) == 3
    assert len(keys.published) == 5


def test_a_long_absence_is_one_rotation() -> None:
    """A laptop that slept for a year promotes the next key once: nobody signed meanwhile."""
    make = generator()
    keys = first_keys("tenants", now=NOW, generate=make)
    woken = advance(keys, SCHEDULE, now=NOW + 365 * DAY, generate=make)
    assert woken.current == keys.published[1]
    assert advance(woken, SCHEDULE, now=NOW + 365 * DAY + 1) is woken


def test_retired_keys_are_forgotten_in_the_end() -> None:
    """The file does not grow for ever; the newest are kept."""
    make = itertools.cycle([made(number) for number in range(RETIRED_KEPT + 6)])
    keys = first_keys("tenants", now=NOW, generate=lambda _: next(make))
    for round_ in range(RETIRED_KEPT + 2):
        now = NOW + (round_ + 1) * 2 * SCHEDULE.overlap_s
        keys = rotate(keys, SCHEDULE, now=now, generate=lambda _: next(make))
    retired = keys.in_state(KeyState.RETIRED)
    assert len(retired) <= RETIRED_KEPT
    assert made(0).kid not in {record.kid for record in retired}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 40 * DAY), st.booleans()), max_size=12))
def test_whatever_happens_a_token_verifies_for_its_lifetime(steps: list[tuple[float, bool]]) -> None:
    """Any mix of waiting and rotating: a key that signed is published until its last token has ended."""
    make = itertools.count()
    keys = first_keys("tenants", now=NOW, generate=lambda _: made(next(make)))
    now = NOW
    last_signed: dict[str, float] = {}
    for wait, asked in steps:
        last_signed[keys.current.kid] = now + wait  # it may sign until the moment of the change
        now += wait
        change = rotate if asked else advance
        keys = change(keys, SCHEDULE, now=now, generate=lambda _: made(next(make)))
        published = {key.kid for key in keys.published}
        for kid, signed in last_signed.items():
            assert kid in published or now >= signed + SCHEDULE.longest_token_s
