"""Which local replicas accept connections: the shell's eyes, whose findings are data for the pipeline."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tidegate.model import Endpoint, ObjectName
from tidegate.runtime.processes import ProcessReport
from tidegate.runtime.workloads import Replica

LOOPBACK: Final = "127.0.0.1"
_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 0.5
_CONNECT_TIMEOUT_S: Final = 1.0
SLOW_S: Final = 5.0
"""Then the user is told whom the start waits for."""
PATIENCE_S: Final = 30.0
"""Then nobody waits any more: everything else is served."""


@dataclass(slots=True)
class _Known:
    replica: Replica
    port: int
    pid: int | None = None
    ready: bool = False
    ended: bool = False
    """It exited at least once, or was silent for too long: nobody waits for it at the start any more."""
    probe: asyncio.Task[None] | None = None


class Readiness:
    """Follows the replicas' processes; calls `changed` when one becomes ready or is lost."""

    def __init__(
        self,
        tasks: asyncio.TaskGroup,
        changed: Callable[[], None],
        *,
        silent: Callable[[Replica, int, float], None],
        slow_s: float = SLOW_S,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`silent` is told (replica, port, seconds) when one is slow, and when nobody waits for it any more."""
        self._tasks = tasks
        self._changed = changed
        self._silent = silent
        self._told_after = (slow_s, patience_s)
        self._known: dict[str, _Known] = {}
        self._running: dict[str, int] = {}

    def expect(self, replicas: tuple[Replica, ...], ports: Mapping[str, int]) -> None:
        """These replicas should run, on these ports."""
        for name in self._known.keys() - {replica.name for replica in replicas}:
            self._lose(self._known.pop(name))
        for replica in replicas:
            port = ports[replica.name]
            known = self._known.get(replica.name)
            if known is None or known.port != port:
                if known is not None:
                    self._lose(known)
                known = self._known[replica.name] = _Known(replica, port)
            known.replica = replica
            if known.pid is None and replica.name in self._running:
                self._watch(known, self._running[replica.name])

    def report(self, report: ProcessReport) -> None:
        """What the supervisor says about a process, a replica's or another."""
        if report.state == "running" and report.pid is not None:
            self._running[report.name] = report.pid
        else:
            self._running.pop(report.name, None)
        known = self._known.get(report.name)
        if known is None:
            return
        if report.state == "running" and report.pid is not None:
            if report.pid != known.pid:
                self._lose(known)
                self._watch(known, report.pid)
        else:
            known.ended = known.ended or report.exit_status is not None
            self._lose(known)

    def replica(self, name: str) -> Replica | None:
        """The replica of this name, if one should run."""
        known = self._known.get(name)
        return known.replica if known else None

    @property
    def running(self) -> frozenset[str]:
        """Names of processes that run now."""
        return frozenset(self._running)

    @property
    def ready(self) -> frozenset[str]:
        """Names of replicas that accept connections."""
        return frozenset(name for name, known in self._known.items() if known.ready)

    @property
    def endpoints(self) -> Mapping[ObjectName, tuple[Endpoint, ...]]:
        """Deployment -> addresses of its replicas that accept connections."""
        found: dict[ObjectName, list[Endpoint]] = {}
        for known in self._known.values():
            if known.ready:
                found.setdefault(known.replica.workload.name, []).append(Endpoint(LOOPBACK, known.port))
        return {name: tuple(sorted(endpoints)) for name, endpoints in sorted(found.items())}

    @property
    def settled(self) -> bool:
        """Whether every replica is ready, has ended at least once or was silent for too long."""
        return all(known.ready or known.ended for known in self._known.values())

    @property
    def counts(self) -> Mapping[ObjectName, tuple[int, int]]:
        """Deployment -> how many replicas are ready, of how many."""
        found: dict[ObjectName, tuple[int, int]] = {}
        for known in self._known.values():
            ready, all_ = found.get(known.replica.workload.name, (0, 0))
            found[known.replica.workload.name] = (ready + known.ready, all_ + 1)
        return found

    def _watch(self, known: _Known, pid: int) -> None:
        known.pid = pid
        known.probe = self._tasks.create_task(self._until_ready(known), name=f"ready {known.replica.name}")

    def _lose(self, known: _Known) -> None:
        known.pid = None
        if known.probe is not None:
            known.probe.cancel()
            known.probe = None
        if known.ready:
            known.ready = False
            self._changed()

    async def _until_ready(self, known: _Known) -> None:
        pause, waited = _FIRST_PAUSE_S, 0.0
        while not await accepts(LOOPBACK, known.port):
            await asyncio.sleep(pause)
            for limit in self._told_after:
                if waited < limit <= waited + pause:
                    known.ended = known.ended or limit == self._told_after[-1]
                    self._silent(known.replica, known.port, limit)
                    self._changed()
            waited += pause
            pause = min(pause * 1.3, _LONGEST_PAUSE_S)
        known.ready = True
        self._changed()


async def accepts(address: str, port: int) -> bool:
    """Whether a TCP connection can be made."""
    try:
        async with asyncio.timeout(_CONNECT_TIMEOUT_S):
            _, writer = await asyncio.open_connection(address, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
