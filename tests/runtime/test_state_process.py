"""What Envoy may ask the state process, and what it gets for nonsense."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tidegate.adapters.valkey import ValkeyAddress
from tidegate.clock import SystemClock
from tidegate.policies.shared_memory import create
from tidegate.runtime.shared_limits import SyncMemory
from tidegate.runtime.state_process import ENVIRONMENT_FAILED, Question, StateService
from valkey_server import running_valkey

KEY = "00ff" * 8


def test_questions() -> None:
    """Numbers come as Lua writes them."""
    assert Question.parse(f"{KEY} 100 60.5 1 2".encode()) == Question(KEY, 100, 60.5, 1, 2)
    for body in (b"", b"a b c d e", KEY.encode() + b" 1 1 1 3", b"x" * 32 + b" 1 1 1 0", b"\xff"):
        with pytest.raises(ValueError, match="no question"):
            Question.parse(body)


async def _exchange(path: Path, *requests: bytes) -> list[bytes]:
    """The first lines of the answers, and their bodies."""
    reader, writer = await asyncio.open_unix_connection(path)
    answers = []
    for request in requests:
        writer.write(request)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
        answers.append(head.split(b"\r\n")[0][9:12] + b" " + await reader.readexactly(length))
    writer.close()
    await writer.wait_closed()
    return answers


def _post(body: bytes) -> bytes:
    return b"POST /count HTTP/1.1\r\nhost: state\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


async def test_answers(tmp_path: Path) -> None:
    """One connection, many questions; who talks nonsense is told so; without Valkey nobody knows."""
    create(tmp_path / "memory")
    memory = SyncMemory(tmp_path / "memory")
    with running_valkey(tmp_path) as address:
        service = StateService(address, memory, machine="one", clock=SystemClock())
        server = await asyncio.start_unix_server(service.serve, tmp_path / "state.sock")
        question = _post(f"{KEY} 2 60 1 0".encode())
        answers = await _exchange(tmp_path / "state.sock", question, question, question, _post(b"what?"))
        assert answers[:2] == [b"200 1 1 0.000", b"200 1 0 0.000"]
        assert answers[2].startswith(b"200 0 0 ")
        assert answers[3] == b"400 "
        wrong = b"GET / HTTP/1.1\r\ncontent-length: 100000\r\n\r\n"
        assert await _exchange(tmp_path / "state.sock", wrong) == [b"400 "]
    assert await _exchange(tmp_path / "state.sock", question, question) == [b"503 ", b"503 "]
    server.close()
    await service.close()
    memory.close()


@pytest.mark.parametrize("url", ["nonsense", "unix:///nowhere"])
def test_cannot_start(tmp_path: Path, url: str) -> None:
    """An address that is none, a file that is missing: one line, and the environment's exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "tidegate.runtime.state_process", "--shared-memory", str(tmp_path / "none"),
         "--socket", str(tmp_path / "s")],
        env={**os.environ, "TIDEGATE_VALKEY": url}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == ENVIRONMENT_FAILED
    assert done.stderr.startswith("limits cannot be shared: ")
    assert done.stderr.count("\n") == 1


def test_address_has_no_password(tmp_path: Path) -> None:
    """What is logged when Valkey is away."""
    assert "p" not in str(ValkeyAddress.parse("valkey://:p@host:1"))
