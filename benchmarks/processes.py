"""Start the processes that are measured, each on its own core, and read how much of the processor they used."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GATEWAY_CORE: Final = 0
"""The measured gateway has this core for itself."""
LOAD_CORE: Final = 1
"""wrk and the backend share the other one."""

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


class BenchmarkFailed(Exception):
    """A process did not start, or answered what it must not."""


@dataclass(frozen=True, slots=True)
class Running:
    """One started process."""

    name: str
    pid: int
    log: Path


@contextlib.contextmanager
def running(
    name: str, command: Sequence[str | Path], *, core: int | None, port: int | None, directory: Path
) -> Iterator[Running]:
    """Run `command` pinned to `core` until the block ends; with a port, the block starts once that port accepts."""
    log = directory / f"{name}.log"
    pinned = ["taskset", "-c", str(core)] if core is not None else []
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*pinned, *map(str, command)], stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=directory
        )
    try:
        if port is not None:
            wait_for(lambda: accepts(port), what=f"{name} to listen", log=log, alive=lambda: process.poll() is None)
        yield Running(name, process.pid, log)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(
    ready: Callable[[], bool],
    *,
    what: str,
    log: Path,
    alive: Callable[[], bool] = lambda: True,
    deadline_s: float = 30.0,
) -> None:
    """Ask `ready` every few milliseconds; raise with the end of `log` when the process died or the time is over."""
    end = time.monotonic() + deadline_s
    while not ready():
        if not alive() or time.monotonic() > end:
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise BenchmarkFailed(f"waited in vain for {what}\n{tail}")
        select.select([], [], [], 0.005)


def accepts(port: int) -> bool:
    """Say whether something on loopback accepts connections at `port`."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.2):
            return True
    except OSError:
        return False


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, all its threads, since it started."""
    # proc(5): the second field is the command in brackets and may hold spaces; 14 and 15 are utime and stime.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


def descendants(pid: int) -> dict[int, str]:
    """Process id to command line of everything below `pid`."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it ended while we looked
        children.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(stat.parent.name))
    found: dict[int, str] = {}
    queue = list(children.get(pid, ()))
    while queue:
        child = queue.pop()
        with contextlib.suppress(OSError):
            command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            found[child] = command.strip()
        queue += children.get(child, ())
    return found
