"""Logs of child processes: bounded files, and the last lines for whoever must explain a death."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

MAX_FILE_BYTES: Final = 5_000_000
KEPT_LINES: Final = 20
_MAX_LINE_BYTES: Final = 16_384
_READ_BYTES: Final = 65_536


class LogFile:
    """One process's log: NAME.log, and NAME.log.1 with what came before. Both together stay below twice the limit."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_FILE_BYTES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._file = self._open()
        self._size = os.fstat(self._file).st_size

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, line: bytes) -> None:
        """Append one line. A full disk loses log lines, never a process."""
        data = line + b"\n"
        if self._size + len(data) > self._max_bytes:
            os.close(self._file)
            self._path.replace(self._path.with_name(self._path.name + ".1"))
            self._file = self._open()
            self._size = 0
        with contextlib.suppress(OSError):
            self._size += os.write(self._file, data)

    def close(self) -> None:
        os.close(self._file)


class LineReader:
    """Cuts what a pipe delivers into lines; a line without end is cut where it gets too long."""

    def __init__(self, descriptor: int, on_line: Callable[[bytes], None]) -> None:
        self.descriptor = descriptor
        self._on_line = on_line
        self._pending = b""
        os.set_blocking(descriptor, False)

    def read(self) -> bool:
        """Deliver what is there. False: the other end is closed."""
        try:
            chunk = os.read(self.descriptor, _READ_BYTES)
        except BlockingIOError:
            return True
        if not chunk:
            self.finish()
            return False
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        for line in lines:
            self._on_line(line)
        if len(self._pending) > _MAX_LINE_BYTES:
            self.finish()
        return True

    def finish(self) -> None:
        """Deliver an unfinished last line."""
        if self._pending:
            self._on_line(self._pending)
            self._pending = b""


class LastLines:
    """The last lines a process wrote."""

    def __init__(self, count: int = KEPT_LINES) -> None:
        self._lines: deque[str] = deque(maxlen=count)

    def add(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        if text:
            self._lines.append(text)

    def clear(self) -> None:
        self._lines.clear()

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)
