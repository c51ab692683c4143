"""One supervised child: performs what the table in `restarts` decides.

Everything happens in the event loop's thread by callbacks; there are no threads, because PR_SET_PDEATHSIG is tied to
the thread that forks. A child's end is seen through its pidfd.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from dataclasses import dataclass
from typing import IO, Protocol

from tidegate.clock import Clock
from tidegate.runtime.guardian import Guardian
from tidegate.runtime.log_files import LastLines, LineReader, LogFile
from tidegate.runtime.processes import ProcessReport, ProcessSpec
from tidegate.runtime.restarts import Effect, Event, State, Supervision
from tidegate.runtime.spawn import describe_exit, kill_group, spawn


@dataclass(frozen=True, slots=True)
class Inheritance:
    """What one start gets beside its description."""

    descriptors: tuple[int, ...] = ()
    """Kept open in the child."""
    arguments: tuple[str, ...] = ()
    """Added to its command."""


class Watcher(Protocol):
    """What the supervisor wants to know of a child."""

    def before_start(self, child: Child) -> Inheritance:
        """Called right before each start."""
        ...

    def after_start(self, child: Child) -> None: ...

    def changed(self, child: Child) -> None:
        """Its state is another now."""
        ...

    def ask_to_stop(self, child: Child) -> bool:
        """Begin to drain it; True: the watcher sends SIGTERM itself when it is drained."""
        ...

    def line(self, child: Child, text: bytes) -> None:
        """A line on standard output of a child that shows it."""
        ...


class Child:
    """One process and its restarts."""

    def __init__(
        self,
        spec: ProcessSpec,
        *,
        watcher: Watcher,
        guardian: Guardian,
        log: LogFile,
        clock: Clock,
    ) -> None:
        self.spec = spec
        self.supervision = Supervision()
        self.last_lines = LastLines()
        self.exit_status: str | None = None
        self.exit_code: int | None = None
        self._watcher = watcher
        self._guardian = guardian
        self._log = log
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._pidfd = -1
        self._readers: list[LineReader] = []
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = asyncio.Event()

    def __repr__(self) -> str:
        return f"Child({self.spec.name!r}, {self.supervision.state}, pid={self.pid})"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def report(self) -> ProcessReport:
        state = self.supervision.state
        return ProcessReport(
            name=self.spec.name,
            state=str(state),
            pid=self.pid,
            restarts=self.supervision.starts - 1 if self.supervision.starts else 0,
            exit_status=self.exit_status,
            last_lines=tuple(self.last_lines) if state is State.WAITING else (),
        )

    def start(self) -> None:
        self._receive(Event.START)

    def stop(self) -> None:
        """Ask it to end; after its grace it is killed."""
        self._receive(Event.STOP)

    def kill(self) -> None:
        self._receive(Event.KILL)

    def terminate(self) -> None:
        """SIGTERM to the group, if it still runs."""
        if self._process is not None:
            kill_group(self._process.pid, how=signal.SIGTERM)

    async def stopped(self) -> None:
        """Wait until no process is left and none will be started."""
        await self._stopped.wait()

    # -- events ---------------------------------------------------------------------------------------------------

    def _receive(self, event: Event) -> None:
        before = self.supervision.state
        for effect in self.supervision.receive(event, now=self._clock.monotonic()):
            self._perform(effect)
        if self.supervision.state is State.STOPPED:
            self._stopped.set()
        else:
            self._stopped.clear()
        if self.supervision.state is not before:
            self._watcher.changed(self)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Effect.SPAWN:
                self._spawn()
            case Effect.ARM_RESTART:
                self._arm(self.supervision.delay_s)
            case Effect.ARM_GRACE:
                self._arm(self.spec.grace_s)
            case Effect.DISARM:
                self._disarm()
            case Effect.ASK_TO_STOP:
                if not self._watcher.ask_to_stop(self):
                    self.terminate()
            case Effect.KILL_GROUP:
                self._kill_group()

    def _arm(self, delay_s: float) -> None:
        self._disarm()
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._receive, Event.TIMER)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    # -- the process ----------------------------------------------------------------------------------------------

    def _spawn(self) -> None:
        self._timer = None
        self.last_lines.clear()
        loop = asyncio.get_running_loop()
        try:
            given = self._watcher.before_start(self)
            process = spawn(self.spec, arguments=given.arguments, keep=given.descriptors)
        except OSError as reason:
            # The file that is wrong may be the program or the directory to start it in.
            at_fault = reason.filename or self.spec.command[0]
            self.exit_status = f"cannot be started: {at_fault}: {reason.strerror or reason}"
            self.exit_code = None
            self._log.write(f"-- {self.spec.name} {self.exit_status}".encode())
            loop.call_soon(self._receive, Event.EXITED)
            return
        self._process = process
        self._guardian.watch(process.pid)
        self._pidfd = os.pidfd_open(process.pid)
        loop.add_reader(self._pidfd, self._exited)
        self._follow(process.stdout, show=self.spec.shows_stdout)
        self._follow(process.stderr, show=False)
        self._watcher.after_start(self)

    def _follow(self, pipe: IO[bytes] | None, *, show: bool) -> None:
        if pipe is None:
            raise ValueError("children are started with pipes")

        def on_line(text: bytes) -> None:
            self._log.write(text)
            if show:
                self._watcher.line(self, text)
            else:
                self.last_lines.add(text)

        # The descriptor is detached from the file object, whose buffer nobody would empty.
        reader = LineReader(os.dup(pipe.fileno()), on_line)
        pipe.close()
        self._readers.append(reader)
        asyncio.get_running_loop().add_reader(reader.descriptor, self._read, reader)

    def _read(self, reader: LineReader) -> None:
        if not reader.read():
            self._close(reader)

    def _close(self, reader: LineReader) -> None:
        asyncio.get_running_loop().remove_reader(reader.descriptor)
        os.close(reader.descriptor)
        self._readers.remove(reader)

    def _exited(self) -> None:
        process = self._process
        if process is None or process.poll() is None:
            return
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        # What it said last is in the pipes; what its own children would still write is not waited for.
        for reader in tuple(self._readers):
            reader.read()
            reader.finish()
            if reader in self._readers:
                self._close(reader)
        self.exit_code = process.returncode
        self.exit_status = describe_exit(process.returncode)
        self._log.write(f"-- {self.spec.name} ended: {self.exit_status}".encode())
        kill_group(process.pid)
        self._guardian.forget(process.pid)
        self._process = None
        self._receive(Event.EXITED)

    def _kill_group(self) -> None:
        if self._process is not None:
            kill_group(self._process.pid)

    def close(self) -> None:
        self._disarm()
        self._log.close()
