"""Clocks."""

from __future__ import annotations

import pytest

from tidegate.clock import ManualClock, SystemClock


def test_a_manual_clock_moves_only_when_told_to() -> None:
    """Both of its times move together."""
    clock = ManualClock(1000.0)
    assert (clock.now(), clock.monotonic()) == (1000.0, 0.0)
    clock.advance(2.5)
    assert (clock.now(), clock.monotonic()) == (1002.5, 2.5)


def test_time_does_not_go_back() -> None:
    """A test that wants the past starts there."""
    with pytest.raises(ValueError, match="time does not go back"):
        ManualClock().advance(-1.0)


def test_the_machines_clock_goes_on() -> None:
    """Seconds since the epoch, and a clock that never goes back."""
    clock = SystemClock()
    assert clock.now() > 1_700_000_000
    assert clock.monotonic() <= clock.monotonic()
