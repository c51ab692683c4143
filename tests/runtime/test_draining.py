"""Envoy is drained through its admin interface, and its silence is no obstacle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tidegate.runtime.draining import AdminUnreachable, active_requests, ask, drain


@asynccontextmanager
async def admin(path: Path, answer: Callable[[str], bytes]) -> AsyncIterator[list[str]]:
    """An admin interface that answers `METHOD PATH` with these bytes; what was asked."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readuntil(b"\r\n\r\n")).split(b" HTTP/")[0].decode()
        asked.append(line)
        writer.write(answer(line))
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(serve, str(path)):
        yield asked


def plain(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes) -> bytes:
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part)
    return b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"


def stats(*active: int) -> bytes:
    return json.dumps({"stats": [{"name": "http.gateway.downstream_rq_active", "value": n} for n in active]}).encode()


@pytest.mark.parametrize("frame", [plain, chunked])
async def test_active_requests_are_counted(tmp_path: Path, frame: Callable[[bytes], bytes]) -> None:
    async with admin(tmp_path / "a", lambda _line: frame(stats(2, 3))):
        assert await active_requests(tmp_path / "a") == 5
    async with admin(tmp_path / "b", lambda _line: frame(b"{}")):
        assert await active_requests(tmp_path / "b") == 0


async def test_draining_closes_listeners_first_and_waits_for_the_last_request(tmp_path: Path) -> None:
    left = [2, 1, 0]

    def answer(line: str) -> bytes:
        return chunked(stats(left.pop(0))) if "/stats" in line else plain(b"OK\n")

    async with admin(tmp_path / "a", answer) as asked:
        await drain(tmp_path / "a", deadline_s=10)
    assert asked[:2] == ["POST /healthcheck/fail", "POST /drain_listeners"]
    assert left == []


async def test_a_request_that_does_not_end_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    async with admin(tmp_path / "a", lambda line: plain(stats(1) if "/stats" in line else b"OK")):
        await drain(tmp_path / "a", deadline_s=0.05)


async def test_an_envoy_that_is_gone_is_drained(tmp_path: Path) -> None:
    await drain(tmp_path / "nobody", deadline_s=10)


async def test_an_error_of_the_admin_interface_is_one(tmp_path: Path) -> None:
    async with admin(tmp_path / "a", lambda _line: b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"):
        with pytest.raises(AdminUnreachable, match="/x"):
            await ask(tmp_path / "a", "GET", "/x")
