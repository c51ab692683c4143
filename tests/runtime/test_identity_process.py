"""The token service's process: starts, answers, ends; says in one line why it cannot."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from system import until
from tidegate.adapters.unix_http import ServiceUnreachable, request
from tidegate.runtime.identity_process import ENVIRONMENT_FAILED


@contextmanager
def process(state: Path, *, port: int = 0) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-P", "-m", "tidegate.runtime.identity_process", "--state", str(state)]
    command += ["--socket", str(state / "identity.sock"), "--bind", "127.0.0.1", "--port", str(port)]
    command += ["--authority", "https://localhost:8444"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def healthy(path: Path) -> bool:
    try:
        return request(path, "GET", "/internal/health", host="localhost:8444").status == 200
    except ServiceUnreachable:
        return False


def test_it_answers_on_its_socket_and_ends_on_sigterm(tmp_path: Path) -> None:
    with process(tmp_path) as started:
        until(lambda: healthy(tmp_path / "identity.sock"), deadline_s=30, what="an answer")
        assert (tmp_path / "ca.pem").is_file()
        started.send_signal(signal.SIGTERM)
        assert started.wait(20) == 0


def test_a_port_in_use_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with process(tmp_path, port=port) as started:
            _, said = started.communicate(timeout=30)
    assert started.returncode == ENVIRONMENT_FAILED
    assert len(said.splitlines()) == 1
    assert f"127.0.0.1:{port}" in said


def test_keys_that_cannot_be_read_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("no directory")
    with process(tmp_path) as started:
        _, said = started.communicate(timeout=30)
    assert started.returncode == ENVIRONMENT_FAILED
    assert len(said.splitlines()) == 1
    assert "Traceback" not in said
