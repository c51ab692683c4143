"""The table of key states, and what is due when."""

from __future__ import annotations

import pytest

from keys.made_keys import NOW, generator, made
from tidegate.keys.rotation import first_keys, rotate
from tidegate.keys.states import (
    PUBLISHED,
    SIGNING,
    TRANSITIONS,
    KeyEvent,
    KeyRecord,
    KeySet,
    KeyState,
    KeyTransitionError,
    Schedule,
    due,
    next_due,
)

DAY = 86_400.0
SCHEDULE = Schedule(signing_s=30 * DAY, publish_ahead_s=DAY, overlap_s=7_200, longest_token_s=5_400)


def test_every_state_is_in_the_table() -> None:
    """A state without a row would raise KeyError instead of a refusal."""
    assert set(TRANSITIONS) == set(KeyState)


@pytest.mark.parametrize("state", KeyState)
@pytest.mark.parametrize("event", KeyEvent)
def test_a_record_follows_the_table_and_nothing_else(state: KeyState, event: KeyEvent) -> None:
    """Each event moves a key as the table says; where it says nothing, it is refused."""
    key = None if state is KeyState.RETIRED else made(0)
    record = KeyRecord(made(0).kid, state, NOW, NOW, key)
    expected = TRANSITIONS[state].get(event)
    if expected is None:
        with pytest.raises(KeyTransitionError, match=f"is {state}: {event} is not allowed"):
            record.after(event, now=NOW + 1)
    else:
        after = record.after(event, now=NOW + 1)
        assert (after.state, after.changed, after.created) == (expected, NOW + 1, NOW)
        assert (after.key is None) == (expected is KeyState.RETIRED)


def test_a_key_is_published_before_and_after_it_signs() -> None:
    """Whatever signs is published, and so are its neighbours in time."""
    assert SIGNING < PUBLISHED
    assert {KeyState.NEXT, KeyState.PREVIOUS} == PUBLISHED - SIGNING


def test_overlap_must_outlast_the_longest_token() -> None:
    """A schedule that would make valid tokens unverifiable cannot be built."""
    with pytest.raises(ValueError, match="must be longer than the longest token lifetime"):
        Schedule(overlap_s=3_600, longest_token_s=3_600)


@pytest.mark.parametrize("values", [{"signing_s": 0}, {"publish_ahead_s": -1}])
def test_a_schedule_refuses_times_without_meaning(values: dict[str, float]) -> None:
    """Keys sign for some time."""
    with pytest.raises(ValueError, match="a key signs for more than 0 s"):
        Schedule(**values)


def test_a_set_has_one_current_and_one_next_key() -> None:
    """Two current keys, or none, cannot be built; nor one key twice."""
    current = KeyRecord(made(0).kid, KeyState.CURRENT, NOW, NOW, made(0))
    following = KeyRecord(made(1).kid, KeyState.NEXT, NOW, NOW, made(1))
    for records in ((current,), (following,), (current, following, current)):
        with pytest.raises(ValueError, match="must hold one"):
            KeySet("tenants", records)
    again = KeyRecord(made(0).kid, KeyState.PREVIOUS, NOW, NOW, made(0))
    with pytest.raises(ValueError, match="one key twice"):
        KeySet("tenants", (current, following, again))


def test_a_record_keeps_its_key_exactly_until_it_is_retired() -> None:
    """A record cannot lie about whether it holds a key, or about which."""
    with pytest.raises(ValueError, match="lacks its key"):
        KeyRecord(made(0).kid, KeyState.CURRENT, NOW, NOW, None)
    with pytest.raises(ValueError, match="has its key"):
        KeyRecord(made(0).kid, KeyState.RETIRED, NOW, NOW, made(0))
    with pytest.raises(ValueError, match="is named otherwise"):
        KeyRecord("other", KeyState.CURRENT, NOW, NOW, made(0))


def test_nothing_is_due_at_first() -> None:
    """New keys have their whole time before them."""
    keys = first_keys("tenants", now=NOW, generate=generator())
    assert due(keys, SCHEDULE, now=NOW) == ()
    assert next_due(keys, SCHEDULE) == NOW + 30 * DAY


def test_a_rotation_is_due_as_a_whole() -> None:
    """The current key steps down in the moment in which the next one steps up."""
    keys = first_keys("tenants", now=NOW, generate=generator())
    current, following = keys.published
    assert due(keys, SCHEDULE, now=NOW + 30 * DAY) == (
        (current.kid, KeyEvent.DEMOTE),
        (following.kid, KeyEvent.PROMOTE),
    )


def test_a_key_does_not_sign_before_it_was_published_long_enough() -> None:
    """A fresh next key waits, even when the current one is over its time."""
    short = Schedule(signing_s=60, publish_ahead_s=DAY)
    keys = first_keys("tenants", now=NOW, generate=generator())
    assert due(keys, short, now=NOW + DAY - 1) == ()
    assert len(due(keys, short, now=NOW + DAY)) == 2


def test_previous_keys_stay_for_the_overlap() -> None:
    """A key that stopped signing is retired exactly after the overlap."""
    keys = rotate(first_keys("tenants", now=NOW, generate=generator()), SCHEDULE, now=NOW, generate=lambda _: made(2))
    (previous,) = keys.in_state(KeyState.PREVIOUS)
    assert next_due(keys, SCHEDULE) == NOW + 7_200
    assert due(keys, SCHEDULE, now=NOW + 7_199) == ()
    assert due(keys, SCHEDULE, now=NOW + 7_200) == ((previous.kid, KeyEvent.RETIRE),)


def test_a_clock_that_goes_back_changes_nothing() -> None:
    """Keys from the future simply wait."""
    keys = first_keys("tenants", now=NOW, generate=generator())
    assert due(keys, SCHEDULE, now=NOW - 400 * DAY) == ()
