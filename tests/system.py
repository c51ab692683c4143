"""A running Tidegate for end-to-end tests: real processes, real sockets, one temporary state directory.

`start` spawns `tidegate up` as a user would, waits for its ready file and gives back a `System`; `System.stop` sends
SIGINT and reports how it ended. Waiting is on files, sockets and processes with a deadline, never on a guess.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import select
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2

T = TypeVar("T")

REPOSITORY = Path(__file__).resolve().parent.parent
TASKS = REPOSITORY / "examples" / "tasks"
TIDEGATE = str(Path(sys.executable).with_name("tidegate"))
"""The command as it is installed beside this interpreter."""
START_DEADLINE_S = 60.0
"""Generous: a loaded CI machine is slow; speed is measured by `make bench`, never asserted."""


def until(condition: Callable[[], T | None], *, deadline_s: float = 20.0, what: str = "condition") -> T:
    """The first true value of `condition`, asked every few milliseconds until the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        select.select([], [], [], 0.01)


def free_offset() -> int:
    """A port offset at which all of Tidegate's usual ports are free on loopback."""
    for _ in range(200):
        offset = random.randint(12_000, 28_000)
        with contextlib.ExitStack() as stack:
            try:
                for port in (80, 81, 443, 444):
                    for address in ("127.0.0.1", "127.0.0.2"):
                        listener = stack.enter_context(socket.socket())
                        listener.bind((address, offset + port))
            except OSError:
                continue
            return offset
    raise AssertionError("no free port offset found")


def tidegate(*arguments: str, cwd: Path | None = None, timeout_s: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Run one `tidegate` command to its end."""
    return subprocess.run(
        [TIDEGATE, *arguments],
        cwd=cwd or REPOSITORY,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@dataclass
class System:
    process: subprocess.Popen[bytes]
    state: Path
    ready_file: Path
    output: Path
    offset: int
    ready: dict[str, Any] = field(default_factory=dict)

    # -- addresses ------------------------------------------------------------------------------------------------

    def url(self, gateway: str = "tasks/edge", listener: str = "http") -> str:
        at = self.ready["gateways"][gateway]["listeners"][listener]
        return f"http://{at['address']}:{at['port']}"

    @property
    def authority(self) -> str:
        return str(self.ready["identity"]["authority"])

    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ready["identity"]["ca"])

    def socket_path(self, name: str) -> Path:
        """A Unix socket of this instance; they live elsewhere where the state path is too long for one."""
        elsewhere = self.state / "run-dir"
        return (Path(elsewhere.read_text().strip()) if elsewhere.exists() else self.state) / name

    # -- talking to it --------------------------------------------------------------------------------------------

    def internal(self) -> httpx2.Client:
        """The token service's operator interface."""
        transport = httpx2.HTTPTransport(uds=str(self.socket_path("identity.sock")))
        return httpx2.Client(transport=transport, base_url="http://identity", trust_env=False)

    def token(self, *, scope: str, **who: str) -> str:
        """A token as the operator gets it: `user=` or `app=`, optional `tenant=`."""
        with self.internal() as client:
            answer = client.post("/internal/tokens", json={"scope": scope, **who})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def status(self) -> dict[str, Any]:
        done = tidegate("status", "--state", str(self.state), "-o", "json")
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def log(self) -> str:
        return self.output.read_text(errors="replace")

    # -- processes ------------------------------------------------------------------------------------------------

    def descendants(self) -> dict[int, str]:
        """pid -> command line of every process below the supervisor."""
        return descendants(self.process.pid)

    def pid_of(self, part: str) -> int:
        """The pid of the only descendant whose command line contains `part`."""
        pids = [pid for pid, command in self.descendants().items() if part in command]
        assert len(pids) == 1, f"{part!r}: {self.descendants()}"
        return pids[0]

    def stop(self, *, deadline_s: float = 30.0) -> int:
        """SIGINT, as Ctrl-C; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"did not stop within {deadline_s} s\n{self.log()[-4000:]}") from None


def descendants(pid: int) -> dict[int, str]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError):
            stat = (entry / "stat").read_text()
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found: dict[int, str] = {}
    queue = [pid]
    while queue:
        for child in parents.get(queue.pop(), []):
            with contextlib.suppress(OSError):
                command = (Path("/proc") / str(child) / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                found[child] = command
            queue.append(child)
    return found


def alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def spawn(folder: Path, paths: Sequence[Path | str], *flags: str, offset: int | None = None) -> System:
    """Spawn `tidegate up`, without waiting."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = free_offset() if offset is None else offset
    state, ready_file, output = folder / "state", folder / "ready.json", folder / "output.txt"
    ready_file.unlink(missing_ok=True)
    command = [TIDEGATE, "up", *(str(p) for p in paths)]
    command += ["--state", str(state), "--port-offset", str(chosen), "--ready-file", str(ready_file), *flags]
    with output.open("ab") as sink:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            env={**os.environ, "NO_COLOR": "1"},
        )
    return System(process=process, state=state, ready_file=ready_file, output=output, offset=chosen)


def wait_ready(system: System) -> System:
    def ready() -> dict[str, Any] | None:
        if system.process.poll() is not None:
            raise AssertionError(f"ended with {system.process.returncode} before it was ready:\n{system.log()}")
        return json.loads(system.ready_file.read_text()) if system.ready_file.exists() else None

    try:
        system.ready = until(ready, deadline_s=START_DEADLINE_S, what="the ready file")
    except AssertionError as error:
        with contextlib.suppress(AssertionError):
            system.stop()
        raise AssertionError(f"{error}\n{system.log()[-6000:]}") from None
    return system


@contextlib.contextmanager
def running(folder: Path, paths: Sequence[Path | str], *flags: str, offset: int | None = None) -> Iterator[System]:
    """A system that is ready; stopped at the end, and then nothing of it may be left."""
    system = wait_ready(spawn(folder, paths, *flags, offset=offset))
    try:
        yield system
    finally:
        children = system.descendants()
        code = system.stop()
        left = {pid: command for pid, command in children.items() if alive(pid)}
        assert not left, f"left behind: {left}"
        assert code in {0, -signal.SIGKILL}, f"exit code {code}\n{system.log()[-4000:]}"
