"""Steady requests, and what counts as a failure."""

from __future__ import annotations

from benchmarks.processes import free_port
from benchmarks.traffic import Sender
from system import until


def test_what_is_no_200_is_a_failure(port: int) -> None:
    """Each failure names what was asked for."""
    targets = [("a.test", "/")]
    with Sender(port, lambda: targets) as sender:
        until(lambda: sender.requests >= 8, what="requests")
    assert sender.result().failed == 0
    with Sender(port, lambda: [("b.test", "/tea")]) as failing:
        until(lambda: failing.requests >= 4, what="requests")
    result = failing.result()
    assert result.failed == result.requests
    assert result.examples[0] == "b.test/tea: 418"


def test_no_answer_is_a_failure() -> None:
    """Nobody listens."""
    with Sender(free_port(), lambda: [("a.test", "/")]) as sender:
        until(lambda: sender.requests >= 4, what="requests")
    assert sender.result().failed == sender.result().requests
    assert "ConnectionRefusedError" in sender.result().examples[0]
