"""The table of a supervised process, and its back-off."""

from __future__ import annotations

import pytest

from tidegate.runtime.restarts import LONGEST_DELAY_S, STABLE_S, TRANSITIONS, Effect, Event, State, Supervision


def crash(supervision: Supervision, *, at: float) -> float:
    """One exit and the restart after it; the delay in between."""
    supervision.receive(Event.EXITED, now=at)
    delay = supervision.delay_s
    supervision.receive(Event.TIMER, now=at + delay)
    return delay


def test_a_start_spawns() -> None:
    supervision = Supervision()
    assert supervision.receive(Event.START, now=0) == (Effect.SPAWN,)
    assert supervision.state is State.RUNNING


def test_quick_exits_double_the_delay_up_to_a_bound() -> None:
    supervision = Supervision()
    supervision.receive(Event.START, now=0)
    delays = [crash(supervision, at=0.0) for _ in range(10)]
    assert delays[:4] == [0.1, 0.2, 0.4, 0.8]
    assert delays[-1] == LONGEST_DELAY_S


def test_a_long_run_is_trusted_again() -> None:
    """After STABLE_S the next restart is as quick as the first."""
    supervision = Supervision()
    supervision.receive(Event.START, now=0)
    for _ in range(5):
        crash(supervision, at=0.0)
    assert crash(supervision, at=STABLE_S + 100.0) == 0.1


def test_a_thousand_exits_do_not_overflow() -> None:
    supervision = Supervision()
    supervision.receive(Event.START, now=0)
    for _ in range(2000):
        assert crash(supervision, at=0.0) <= LONGEST_DELAY_S


def test_a_stop_is_asked_for_then_forced_by_the_grace_timer() -> None:
    supervision = Supervision()
    supervision.receive(Event.START, now=0)
    assert supervision.receive(Event.STOP, now=1) == (Effect.ASK_TO_STOP, Effect.ARM_GRACE)
    assert supervision.receive(Event.TIMER, now=6) == (Effect.KILL_GROUP,)
    supervision.receive(Event.EXITED, now=6)
    assert supervision.state is State.STOPPED


def test_a_process_that_waits_for_its_restart_stops_without_starting() -> None:
    supervision = Supervision()
    supervision.receive(Event.START, now=0)
    supervision.receive(Event.EXITED, now=0)
    assert supervision.receive(Event.STOP, now=0) == (Effect.DISARM,)
    assert supervision.state is State.STOPPED


@pytest.mark.parametrize("state", list(State))
def test_every_state_can_be_stopped_and_killed(state: State) -> None:
    assert Event.STOP in TRANSITIONS[state]
    assert Event.KILL in TRANSITIONS[state]


def test_an_event_that_makes_no_sense_is_our_own_bug() -> None:
    with pytest.raises(KeyError):
        Supervision().receive(Event.EXITED, now=0)
