"""A real Valkey for tests (or Redis, whose protocol and scripts are the same), from the distribution's package."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tidegate.adapters.valkey import ValkeyAddress


def program() -> str:
    """The server's program. Skips the test where there is none: .ci/run installs it."""
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        pytest.skip("needs valkey-server or redis-server")
    return found


@contextmanager
def running_valkey(folder: Path, *arguments: str) -> Iterator[ValkeyAddress]:
    """The server on a Unix socket, for as long as the context lasts."""
    path = folder / "valkey.sock"
    path.unlink(missing_ok=True)
    with (folder / "valkey.log").open("w") as log:
        process = subprocess.Popen(
            [program(), "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(folder), *arguments],
            stdout=log,
            stderr=log,
        )
    try:
        _until_listening(path, process)
        yield ValkeyAddress.parse(f"unix://{path}")
    finally:
        process.terminate()
        process.wait()


def _until_listening(path: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.connect(str(path))
        except OSError:
            time.sleep(0.02)  # Nothing tells when a process begins to listen.
        else:
            return
    raise AssertionError("valkey does not listen")
