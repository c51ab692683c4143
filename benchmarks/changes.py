"""From saving a file to its effect on traffic, at several sizes, through `tidegate up` as a user runs it."""

from __future__ import annotations

import contextlib
import random
import select
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import haproxy, tidegate
from benchmarks.fleet import GATEWAY, Fleet
from benchmarks.probe import Answer, Probe
from benchmarks.processes import cpu_seconds, free_port, running
from benchmarks.report import Latencies

Fleets = tuple[tuple[int, bool], ...]
"""How many routes, and whether each has a host of its own."""
_APART_S: Final = 0.1
"""Between the effect of an edit and the next edit: people save files one at a time, and each edit is measured alone."""


@dataclass(frozen=True, slots=True)
class Change:
    """The edits of one size."""

    routes: int
    by_host: bool
    start_s: float
    """From the start of the process to the first answer."""
    edits: Latencies
    control_ms: float
    """Processor time of the control process per edit."""
    envoy_ms: float
    """Processor time of Envoy per edit, the asking for the effect included."""


def fleets(*, most: int) -> Fleets:
    """A few routes, a third of the most, and the most: with a host each, and on one host."""
    return ((10, True), (most // 3, True), (most // 3, False), (most, True), (most, False))


def measure(directory: Path, *, edits: int, say: Callable[[str], None], fleets: Fleets) -> tuple[Change, ...]:
    """Time `edits` edits of random routes at each size."""
    with backend(directory) as port:
        return tuple(
            _size(directory, port, routes=routes, by_host=by_host, edits=edits, say=say) for routes, by_host in fleets
        )


def _size(
    directory: Path, backend_port: int, *, routes: int, by_host: bool, edits: int, say: Callable[[str], None]
) -> Change:
    manifests, state = directory / "fleet", directory / "state-fleet"
    fleet = Fleet(manifests, routes, backend_port, by_host)
    fleet.write()
    waited: list[float] = []
    choose = random.Random(routes)  # the same routes every time
    began = time.perf_counter()
    with tidegate.up(manifests, state=state, core=None, directory=directory) as instance:
        probe = Probe(instance.port_of(GATEWAY, "http"))
        last = routes - 1
        probe.until(fleet.path(last), host=fleet.host(last), good=lambda a: a.status == 200, what="the last route")
        start_s = time.perf_counter() - began
        pids = (instance.pid_of("tidegate.runtime.control"), instance.envoy_pid())
        before = [cpu_seconds(pid) for pid in pids]
        for edit in range(1, edits + 1):
            number = choose.randrange(routes)
            select.select([], [], [], _APART_S)
            fleet.write_route(number, edit=edit)
            saved = time.perf_counter()
            probe.until(fleet.path(number), host=fleet.host(number), good=edited(edit), what=f"edit {edit}")
            waited.append((time.perf_counter() - saved) * 1000)
        control_ms, envoy_ms = (
            (cpu_seconds(pid) - used) * 1000 / edits for pid, used in zip(pids, before, strict=True)
        )
        probe.close()
    shutil.rmtree(manifests)
    shutil.rmtree(state)
    change = Change(routes, by_host, start_s, Latencies(tuple(waited)), control_ms, envoy_ms)
    say(
        f"{routes:5} routes, {'a host each' if by_host else 'one host   '}: started in {start_s:.1f} s; "
        f"{edits} edits: p50 {change.edits.percentile(50):.0f} ms, p99 {change.edits.percentile(99):.0f} ms; "
        f"processor time per edit: control {control_ms:.0f} ms, Envoy {envoy_ms:.0f} ms"
    )
    return change


def edited(edit: int) -> Callable[[Answer], bool]:
    """Whether an answer is by the route as this edit left it."""
    return lambda answer: answer.status == 200 and answer.headers.get("x-edit") == str(edit)


@contextlib.contextmanager
def backend(directory: Path) -> Iterator[int]:
    """The port of a backend that answers at once."""
    port = free_port()
    with running("backend", haproxy.write_backend(directory, port=port), core=None, port=port, directory=directory):
        yield port
