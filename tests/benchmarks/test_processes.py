"""Starting, pinning and measuring processes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.processes import BenchmarkFailed, accepts, cpu_seconds, descendants, free_port, running

if TYPE_CHECKING:
    from pathlib import Path

LISTEN = "import socket,sys; s=socket.create_server(('127.0.0.1', int(sys.argv[1]))); s.accept(); input()"


def test_a_process_runs_until_the_block_ends(tmp_path: Path) -> None:
    """The block starts once the port accepts; afterwards the process is gone."""
    port = free_port()
    command = [sys.executable, "-c", LISTEN, str(port)]
    with running("listener", command, core=None, port=port, directory=tmp_path) as process:
        assert process.pid in descendants(os.getpid())
    assert process.pid not in descendants(os.getpid())
    assert not accepts(port)


def test_a_process_that_dies_shows_its_last_words(tmp_path: Path) -> None:
    """The reason stands in the error, not only in a log that is about to be deleted."""
    command = [sys.executable, "-c", "raise SystemExit('no licence')"]
    with (
        pytest.raises(BenchmarkFailed, match="no licence"),
        running("broken", command, core=None, port=free_port(), directory=tmp_path),
    ):
        pass


def test_processor_time_grows_with_work() -> None:
    """User and system time of all threads, from the kernel."""
    before = cpu_seconds(os.getpid())
    while cpu_seconds(os.getpid()) == before:
        sum(range(100_000))
    assert cpu_seconds(os.getpid()) > before
