"""The operator's socket: who asks gets an answer, whatever they ask."""

from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tidegate.runtime.operator_protocol import NotRunning, OperationRefused, ask
from tidegate.runtime.operator_server import serve_operator


async def echo(request: Mapping[str, Any]) -> Any:
    return {"heard": request.get("word")}


async def refuse(_request: Mapping[str, Any]) -> Any:
    raise OperationRefused("not today", exit_code=1)


async def break_down(_request: Mapping[str, Any]) -> Any:
    raise ZeroDivisionError


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[None]:
    async with await serve_operator(path, {"echo": echo, "refuse": refuse, "break": break_down}):
        yield


async def send(path: Path, request: dict[str, Any]) -> Any:
    return await asyncio.to_thread(ask, path, request)


async def test_an_answer_comes_back(tmp_path: Path) -> None:
    async with serving(tmp_path / "s"):
        assert await send(tmp_path / "s", {"command": "echo", "word": "tide"}) == {"heard": "tide"}


async def test_the_socket_is_private(tmp_path: Path) -> None:
    async with serving(tmp_path / "s"):
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600


async def test_a_refusal_carries_its_exit_code(tmp_path: Path) -> None:
    async with serving(tmp_path / "s"):
        with pytest.raises(OperationRefused, match="not today") as caught:
            await send(tmp_path / "s", {"command": "refuse"})
    assert caught.value.exit_code == 1


async def test_a_bug_is_answered_as_one_and_the_rest_goes_on(tmp_path: Path) -> None:
    async with serving(tmp_path / "s"):
        with pytest.raises(OperationRefused, match="bug") as caught:
            await send(tmp_path / "s", {"command": "break"})
        assert caught.value.exit_code == 70
        assert await send(tmp_path / "s", {"command": "echo"}) == {"heard": None}


@pytest.mark.parametrize("raw", [b"\n", b"[\n", b"[]\n", b'{"command": "none"}\n', b"[" * 100_000 + b"\n", b"\xff\n"])
async def test_nonsense_is_refused(tmp_path: Path, raw: bytes) -> None:
    async with serving(tmp_path / "s"):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
        writer.write(raw)
        assert b'"ok": false' in await reader.readline()
        writer.close()
        assert await send(tmp_path / "s", {"command": "echo"}) == {"heard": None}


async def test_what_a_killed_instance_left_is_no_instance(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with pytest.raises(NotRunning):
        await send(path, {"command": "echo"})
    async with serving(path):
        assert await send(path, {"command": "echo"}) == {"heard": None}


def test_nobody_there_is_not_running(tmp_path: Path) -> None:
    with pytest.raises(NotRunning):
        ask(tmp_path / "nobody", {"command": "echo"})
