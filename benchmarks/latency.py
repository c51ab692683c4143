"""How long a person waits: `tidegate up` to the first answer, and a saved file to its first effect."""

from __future__ import annotations

import contextlib
import http.client
import select
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import haproxy, tidegate
from benchmarks.processes import BenchmarkFailed, free_port, running
from benchmarks.report import Latencies

_DEADLINE_S = 30.0
_PAUSE_S = 0.001


def first_answers(directory: Path, *, starts: int, say: Callable[[str], None]) -> tuple[Latencies, Latencies]:
    """From the start of the process to the first answer, with a fresh state directory and with a used one."""
    fresh: list[float] = []
    again: list[float] = []
    with _backend(directory) as backend:
        manifests = directory / "manifests-start"
        tidegate.write_manifests(manifests, backend_port=backend)
        for number in range(starts):
            state = directory / f"state-start-{number}"
            for results, kind in ((fresh, "fresh"), (again, "used")):
                results.append(_first_answer(directory, manifests=manifests, state=state))
                say(f"start {number + 1}/{starts}  {kind} state: first answer after {results[-1]:.0f} ms")
            shutil.rmtree(state)
    return Latencies(tuple(fresh)), Latencies(tuple(again))


def _first_answer(directory: Path, *, manifests: Path, state: Path) -> float:
    offset = tidegate.free_offset()
    words = tidegate.command(manifests, state=state, ready_file=directory / "ready-start.json", offset=offset)
    began = time.perf_counter()
    with running("tidegate-start", words, core=None, port=None, directory=directory):
        _until_ok(offset + tidegate.OPEN_PORT, tidegate.PATH)
        return (time.perf_counter() - began) * 1000


def changes(directory: Path, *, edits: int, say: Callable[[str], None]) -> Latencies:
    """From the rename that saves a file to the first answer at the path that it adds."""
    waited: list[float] = []
    with _backend(directory) as backend:
        manifests = directory / "manifests-change"
        tidegate.write_manifests(manifests, backend_port=backend)
        with tidegate.up(manifests, state=directory / "state-change", core=None, directory=directory) as instance:
            port = instance.port("open")
            _until_ok(port, tidegate.PATH)
            for number in range(edits):
                path = f"/edit-{number}"
                tidegate.write_open_route(manifests, path=path)
                began = time.perf_counter()
                _until_ok(port, path)
                waited.append((time.perf_counter() - began) * 1000)
    say(f"{edits} edits  median {Latencies(tuple(waited)).percentile(50):.0f} ms")
    return Latencies(tuple(waited))


@contextlib.contextmanager
def _backend(directory: Path) -> Iterator[int]:
    port = free_port()
    with running("backend", haproxy.write_backend(directory, port=port), core=None, port=port, directory=directory):
        yield port


def _until_ok(port: int, path: str) -> None:
    """Ask for `path` every millisecond until the answer is 200."""
    end = time.monotonic() + _DEADLINE_S
    connection: http.client.HTTPConnection | None = None
    while time.monotonic() < end:
        try:
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                connection.close()
                return
        except (OSError, http.client.HTTPException):
            connection = None
        select.select([], [], [], _PAUSE_S)
    raise BenchmarkFailed(f"no answer at {path} within {_DEADLINE_S} s")
