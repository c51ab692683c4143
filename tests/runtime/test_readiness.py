"""Replicas are ready when they accept connections, and not before."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from tidegate.diagnostics import Span
from tidegate.model import Endpoint, ObjectName, Workload
from tidegate.runtime.processes import ProcessReport
from tidegate.runtime.readiness import Readiness, accepts
from tidegate.runtime.workloads import Replica

CART = Workload(ObjectName("shop", "cart"), ("cart",), "/", 1, (), (), Span("a.yaml", 1, 1, 1, 2))
REPLICA = Replica("shop/cart-0a1b2-0", CART, 0)


def report(state: str, pid: int | None, *, exit_status: str | None = None) -> ProcessReport:
    return ProcessReport(REPLICA.name, state, pid, restarts=0, exit_status=exit_status)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound


@asynccontextmanager
async def following() -> AsyncIterator[tuple[Readiness, list[int]]]:
    changes: list[int] = []
    async with asyncio.TaskGroup() as tasks:
        readiness = Readiness(tasks, lambda: changes.append(1), silent=lambda *_: None)
        yield readiness, changes
        readiness.expect((), {})


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)


async def test_a_replica_is_ready_when_it_accepts(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    async with following() as (readiness, changes):
        readiness.expect((REPLICA,), {REPLICA.name: port})
        readiness.report(report("running", 7))
        assert not readiness.settled
        assert readiness.counts == {CART.name: (0, 1)}
        listener.listen()
        await until(lambda: bool(changes))
        assert readiness.endpoints == {CART.name: (Endpoint("127.0.0.1", port),)}
        assert readiness.settled
        assert readiness.running == {REPLICA.name}


async def test_one_that_ran_before_we_knew_it_is_found(listener: socket.socket) -> None:
    """A control process that was restarted hears of the processes before it has compiled."""
    listener.listen()
    async with following() as (readiness, changes):
        readiness.report(report("running", 7))
        readiness.expect((REPLICA,), {REPLICA.name: listener.getsockname()[1]})
        await until(lambda: bool(changes))
        assert readiness.counts == {CART.name: (1, 1)}


async def test_a_replica_that_ended_is_lost_at_once(listener: socket.socket) -> None:
    listener.listen()
    async with following() as (readiness, changes):
        readiness.expect((REPLICA,), {REPLICA.name: listener.getsockname()[1]})
        readiness.report(report("running", 7))
        await until(lambda: bool(changes))
        readiness.report(report("backing-off", None, exit_status="signal SIGKILL"))
        assert readiness.endpoints == {}
        assert len(changes) == 2


async def test_nobody_waits_for_a_replica_that_ended_before_it_was_ready(listener: socket.socket) -> None:
    async with following() as (readiness, _):
        readiness.expect((REPLICA,), {REPLICA.name: listener.getsockname()[1]})
        readiness.report(report("running", 7))
        assert not readiness.settled
        readiness.report(report("backing-off", None, exit_status="exit code 1"))
        assert readiness.settled


async def test_a_replica_that_should_not_run_any_more_is_forgotten(listener: socket.socket) -> None:
    listener.listen()
    async with following() as (readiness, changes):
        readiness.expect((REPLICA,), {REPLICA.name: listener.getsockname()[1]})
        readiness.report(report("running", 7))
        await until(lambda: bool(changes))
        readiness.expect((), {})
        assert readiness.endpoints == {}
        assert readiness.replica(REPLICA.name) is None


async def test_accepts_asks_the_port(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    assert not await accepts("127.0.0.1", port)
    listener.listen()
    assert await accepts("127.0.0.1", port)


async def test_a_silent_replica_is_told_of_twice_and_not_waited_for_for_ever(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    told: list[tuple[str, int, float]] = []
    async with asyncio.TaskGroup() as tasks:
        readiness = Readiness(
            tasks,
            lambda: None,
            silent=lambda replica, port, after: told.append((replica.name, port, after)),
            slow_s=0.02,
            patience_s=0.1,
        )
        readiness.expect((REPLICA,), {REPLICA.name: port})
        readiness.report(report("running", 7))
        await until(lambda: bool(told))
        assert not readiness.settled
        await until(lambda: readiness.settled)
        assert told == [(REPLICA.name, port, 0.02), (REPLICA.name, port, 0.1)]
        listener.listen()
        await until(lambda: bool(readiness.endpoints))
        readiness.expect((), {})
