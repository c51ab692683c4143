"""The last resort against orphans: a tiny process that outlives the supervisor by a moment.

PR_SET_PDEATHSIG ends the supervisor's children when it is killed, but not what those started themselves. The guardian
holds the reading end of a pipe; when the supervisor is gone, however it went, the pipe ends, and the guardian kills
every registered process group, removes the ready file and exits. It also keeps the state directory's lock until then.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path
from typing import Final

_MAX_LINE: Final = 65536


class Guardian:
    """The supervisor's end of the pipe."""

    def __init__(self, pid: int, pipe: int) -> None:
        self._pid = pid
        self._pipe = pipe

    def watch(self, group: int) -> None:
        """Kill this process group if the supervisor dies."""
        self._send(f"+{group}")

    def forget(self, group: int) -> None:
        """The group is gone; its number may be used by others."""
        self._send(f"-{group}")

    def remove_file(self, path: Path) -> None:
        """Remove this file when the supervisor dies."""
        self._send(f"f{path}")

    def close(self) -> None:
        """Let the guardian end; whatever is still registered is killed."""
        os.close(self._pipe)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)

    @property
    def pid(self) -> int:
        return self._pid

    def _send(self, line: str) -> None:
        # A guardian that was killed leaves PR_SET_PDEATHSIG; that is no reason to stop serving.
        with contextlib.suppress(BrokenPipeError):
            os.write(self._pipe, line.encode("utf-8", "surrogateescape") + b"\n")


def start_guardian() -> Guardian:
    """Fork the guardian. Call before any thread or event loop exists."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(writing)
            _guard(reading)
        finally:
            os._exit(0)
    os.close(reading)
    return Guardian(pid, writing)


def _guard(pipe: int) -> None:
    os.setsid()
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(ignored, signal.SIG_IGN)
    # Whoever reads the supervisor's output waits for its end: it must not be held open here.
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    groups: set[int] = set()
    files: set[str] = set()
    pending = b""
    while chunk := os.read(pipe, _MAX_LINE):
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            _note(line.decode("utf-8", "surrogateescape"), groups=groups, files=files)
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, signal.SIGKILL)
    for file in files:
        with contextlib.suppress(OSError):
            Path(file).unlink()


def _note(line: str, *, groups: set[int], files: set[str]) -> None:
    kind, rest = line[:1], line[1:]
    if kind == "+":
        groups.add(int(rest))
    elif kind == "-":
        groups.discard(int(rest))
    elif kind == "f":
        files.add(rest)
