"""`tidegate up`'s own process: starts the others, keeps them running, ends them.

It is light on purpose (standard library only, one thread) so that it starts fast and nothing in it can fail for the
inputs' sake. What should run beside control and identity, control tells it over the channel; while control is dead or
restarting, everything else stays as it is.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tidegate import __version__
from tidegate.clock import Clock
from tidegate.files import write_private_file
from tidegate.runtime.channel import Channel
from tidegate.runtime.children import Child, Inheritance
from tidegate.runtime.counters import free_locks
from tidegate.runtime.draining import drain
from tidegate.runtime.guardian import Guardian
from tidegate.runtime.log_files import LogFile
from tidegate.runtime.options import UpOptions
from tidegate.runtime.processes import CONTROL, ENVOY, IDENTITY, STOP_PHASES, ProcessSpec
from tidegate.runtime.restarts import State
from tidegate.runtime.spawn import adopt_orphans
from tidegate.runtime.state_directory import StateDirectory
from tidegate.runtime.terminal import Terminal

FIRST_ATTEMPTS: Final = 3
"""A critical process that ends this often before anything serves will not serve."""
ENVIRONMENT_FAILED: Final = 3
OWN_BUG: Final = 70
DRAIN_S: Final = 5.0
ONE_WISH_S: Final = 0.2

_OWN: Final = (CONTROL, IDENTITY)


class Supervisor:
    """The children by name, and the one future that ends it all."""

    def __init__(
        self,
        options: UpOptions,
        *,
        own: tuple[ProcessSpec, ...],
        state: StateDirectory,
        guardian: Guardian,
        terminal: Terminal,
        clock: Clock,
        began: float,
    ) -> None:
        self._options = options
        self._own = own
        self._state = state
        self._guardian = guardian
        self._terminal = terminal
        self._clock = clock
        self._began = began
        self._children: dict[str, Child] = {}
        self._desired: dict[str, ProcessSpec] = {}
        self._control_end: socket.socket | None = None
        self._control: Channel | None = None
        self._serving = False
        self._stopping = False
        self._stopping_since = 0.0
        self._tasks: asyncio.TaskGroup
        self._finished: asyncio.Future[int]

    async def run(self) -> int:
        """Serve until a signal or a failure; the exit code. Nothing is left running afterwards."""
        loop = asyncio.get_running_loop()
        self._finished = loop.create_future()
        self._listen_to_signals(loop)
        adopt_orphans()
        async with asyncio.TaskGroup() as self._tasks:
            self._say_hello()
            try:
                for spec in self._own:
                    self._want(spec)
                code = await self._finished
            finally:
                await self._shut_down()
        for child in self._children.values():
            child.close()
        self._end_orphans()
        self._be_deaf(loop)
        return code

    # -- signals and the end --------------------------------------------------------------------------------------

    def _say_hello(self) -> None:
        names = ", ".join(_shown(path, self._options.working_directory) for path in self._options.paths)
        state = _shown(str(self._state.path), self._options.working_directory)
        self._terminal.event(
            "up.starting",
            f"tidegate {__version__} starts what is in {names} (state in {state})",
            fields={"version": __version__, "paths": list(self._options.paths), "state": str(self._state.path)},
        )

    def _listen_to_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # `nohup` ignores SIGHUP before we start; that wish is kept.
            if not (name is signal.SIGHUP and signal.getsignal(name) is signal.SIG_IGN):
                loop.add_signal_handler(name, self._on_signal)

    @staticmethod
    def _be_deaf(loop: asyncio.AbstractEventLoop) -> None:
        """All is ended; an impatient third signal must not interrupt the tidying up."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.remove_signal_handler(name)
            signal.signal(name, signal.SIG_IGN)

    def _on_signal(self) -> None:
        now = self._clock.monotonic()
        if self._stopping:
            # `timeout` and some shells signal the process and its group: that is one wish, not two.
            if now - self._stopping_since >= ONE_WISH_S:
                self._terminal.event("up.killed", "stopping at once")
                for child in self._children.values():
                    child.kill()
            return
        self._stopping = True
        self._stopping_since = now
        self._terminal.event("up.stopping", "stopping (again to stop at once)")
        self._finish(0)

    def _finish(self, code: int) -> None:
        if not self._finished.done():
            self._finished.set_result(code)

    def _fail(self, text: str, *, code: int) -> None:
        if not self._finished.done():
            self._terminal.fatal(text, exit_code=code)
            self._finish(code)

    async def _shut_down(self) -> None:
        self._stopping = True
        self._remove_ready_file()
        self._desired.clear()
        for phase in STOP_PHASES:
            ending = [child for child in self._children.values() if child.spec.phase == phase]
            for child in ending:
                child.stop()
            for child in ending:
                await child.stopped()

    def _remove_ready_file(self) -> None:
        if self._options.ready_file is not None:
            Path(self._options.ready_file).unlink(missing_ok=True)

    def _end_orphans(self) -> None:
        """Grandchildren that left their session come to us (PR_SET_CHILD_SUBREAPER); they end here too."""
        with contextlib.suppress(OSError, ChildProcessError):
            listed = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
            for pid in map(int, listed.split()):
                if pid != self._guardian.pid:
                    os.kill(pid, signal.SIGKILL)
                    os.waitpid(pid, 0)

    # -- what should run ------------------------------------------------------------------------------------------

    def _want(self, spec: ProcessSpec) -> None:
        """Make `spec` run: start it, leave it alone, or replace what runs under its name."""
        self._desired[spec.name] = spec
        child = self._children.get(spec.name)
        if child is None:
            log = LogFile(self._state.logs / _log_name(spec))
            child = Child(spec, watcher=self, guardian=self._guardian, log=log, clock=self._clock)
            self._children[spec.name] = child
            child.start()
        elif child.spec != spec and child.supervision.state is not State.STOPPING:
            child.stop()

    def _want_exactly(self, specs: Mapping[str, ProcessSpec]) -> None:
        for name in [name for name in self._desired if name not in specs and name not in _OWN]:
            del self._desired[name]
            self._children[name].stop()
        for spec in specs.values():
            self._want(spec)

    # -- what the children say (children.Watcher) -----------------------------------------------------------------

    def before_start(self, child: Child) -> Inheritance:
        if child.spec.shared_memory is not None and child.supervision.starts > 1:
            free_locks(Path(child.spec.shared_memory))
        if child.spec.name != CONTROL:
            return Inheritance()
        ours, theirs = socket.socketpair()
        self._tasks.create_task(self._follow_control(ours), name="control channel")
        self._control_end = theirs
        return Inheritance(descriptors=(theirs.fileno(),), arguments=("--channel", str(theirs.fileno())))

    def after_start(self, child: Child) -> None:
        if child.spec.name == CONTROL and self._control_end is not None:
            # From now on only the child holds it: the channel ends when the child does.
            self._control_end.close()
            self._control_end = None

    def changed(self, child: Child) -> None:
        if self._control is not None and child.spec.name != CONTROL:
            self._control.send(child.report.to_json())
        match child.supervision.state:
            case State.WAITING:
                self._ended(child)
            case State.STOPPED if not self._stopping:
                wanted = self._desired.get(child.spec.name)
                if wanted is None:
                    del self._children[child.spec.name]
                    child.close()
                else:
                    child.spec = wanted
                    child.start()
            case _:
                pass

    def ask_to_stop(self, child: Child) -> bool:
        if child.spec.admin_socket is None:
            return False
        self._tasks.create_task(self._drain(child, Path(child.spec.admin_socket)), name=f"drain {child.spec.name}")
        return True

    async def _drain(self, child: Child, admin: Path) -> None:
        await drain(admin, deadline_s=min(DRAIN_S, child.spec.grace_s - 1.0))
        child.terminate()

    def line(self, child: Child, text: bytes) -> None:  # noqa: ARG002 - the Watcher protocol's shape
        self._terminal.request(text.decode("utf-8", "replace"))

    def _ended(self, child: Child) -> None:
        """An exit that nobody asked for."""
        if self._stopping:
            return
        name, delay = child.spec.name, child.supervision.delay_s
        reason = _reason(child)
        if not self._serving and child.spec.critical:
            if child.exit_code in {ENVIRONMENT_FAILED, OWN_BUG}:
                self._fail(reason or f"{name} ended with {child.exit_status}", code=child.exit_code)
                return
            if child.supervision.starts >= FIRST_ATTEMPTS:
                said = f": {reason}" if reason else ""
                log = self._state.logs / _log_name(child.spec)
                text = f"{name} ended {FIRST_ATTEMPTS} times before it served ({child.exit_status}){said}; see {log}"
                self._fail(text, code=OWN_BUG if name in _OWN else ENVIRONMENT_FAILED)
                return
        said = f": {reason}" if reason else ""
        self._terminal.event(
            "process.ended",
            f"{name} ended ({child.exit_status}){said}; starts again in {delay:.1f} s",
            level="warning",
            fields={"process": name, "exit": child.exit_status, "delay_s": delay},
        )

    # -- what control says ----------------------------------------------------------------------------------------

    async def _follow_control(self, end: socket.socket) -> None:
        channel = await Channel.over(end)
        self._control = channel
        options = self._options.to_json()
        channel.send({"type": "options", "options": options, "serving": self._serving, "began": self._began})
        for child in self._children.values():
            if child.spec.name != CONTROL:
                channel.send(child.report.to_json())
        try:
            async for message in channel.messages():
                if not self._stopping:
                    self._obey(message)
        finally:
            channel.close()
            if self._control is channel:
                self._control = None

    def _obey(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "ensure":
                self._want(ProcessSpec.from_json(message["process"]))
            case "processes":
                specs = (ProcessSpec.from_json(one) for one in message["processes"])
                self._want_exactly({spec.name: spec for spec in specs})
            case "event":
                self._terminal.event(
                    message["event"], message["text"], level=message["level"], fields=message["fields"]
                )
            case "ready":
                self._ready(message["ready"], summary=message["summary"])
            case "fatal":
                self._fail(message["text"], code=message["exit_code"])
            case other:
                raise ValueError(f"control sent a message of unknown type {other!r}")

    def _ready(self, ready: dict[str, Any], *, summary: str) -> None:
        content = {**ready, "pid": os.getpid()}
        if self._options.ready_file is not None:
            file = Path(self._options.ready_file)
            try:
                write_private_file(file, json.dumps(content, indent=2).encode() + b"\n", mode=0o644)
            except OSError as reason:
                self._fail(f"{file} cannot be written: {reason.strerror or reason}", code=ENVIRONMENT_FAILED)
                return
            self._guardian.remove_file(file)
        if not self._serving:
            self._serving = True
            took = self._clock.monotonic() - self._began
            self._terminal.event("up.ready", f"ready in {took:.2f} s\n{summary}", fields={"duration_s": round(took, 3)})


def _reason(child: Child) -> str:
    """The process' own words for its end: the last line that is no traceback's frame."""
    if child.exit_code == -signal.SIGKILL:
        # It had no time for last words: what it said before was about something else.
        return ""
    lines = [line for line in child.last_lines if not line.startswith((" ", "\t"))]
    if child.spec.name == ENVOY:
        # Envoy 1.40 says `... [critical] ...` and `... [error] ...` before it exits.
        telling = [line for line in lines if "[critical]" in line or "[error]" in line]
        lines = telling or lines
    return lines[-1][-500:] if lines else ""


def _shown(path: str, here: str) -> str:
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def _log_name(spec: ProcessSpec) -> str:
    return (spec.log_name or spec.name).replace("/", "_") + ".log"
