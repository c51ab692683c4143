"""HTTP over a Unix socket, and the token service's client on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tidegate.adapters.token_service import TokenServiceClient
from tidegate.adapters.unix_http import MAX_BODY_BYTES, ServiceUnreachable, request

Reply = Callable[[bytes, bytes], bytes]


@asynccontextmanager
async def service(path: Path, reply: Reply) -> AsyncIterator[None]:
    """Answers each request with what `reply(head, body)` gives."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
        writer.write(reply(head, body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_unix_server(serve, str(path)):
        yield


def answer(content: object, status: str = "200 OK") -> bytes:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return b"HTTP/1.1 " + status.encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def ask(path: Path, method: str = "GET", target: str = "/x", **more: object) -> object:
    return await asyncio.to_thread(request, path, method, target, host="localhost:8444", **more)  # type: ignore[arg-type]  # options passed on by name


async def test_a_request_names_the_host_and_sends_json(tmp_path: Path) -> None:
    seen: list[bytes] = []

    def reply(head: bytes, body: bytes) -> bytes:
        seen.extend((head, body))
        return answer({"fine": True})

    async with service(tmp_path / "s", reply):
        got = await ask(tmp_path / "s", "POST", "/internal/x", body={"a": 1})
    assert got.json() == {"fine": True}  # type: ignore[attr-defined]  # an Answer
    assert seen[0].startswith(b"POST /internal/x HTTP/1.1\r\n")
    assert b"Host: localhost:8444" in seen[0]
    assert json.loads(seen[1]) == {"a": 1}


async def test_nobody_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnreachable):
        await ask(tmp_path / "nobody")


@pytest.mark.parametrize("raw", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
async def test_what_is_no_http_is_unreachable(tmp_path: Path, raw: bytes) -> None:
    async with service(tmp_path / "s", lambda _head, _body: raw):
        with pytest.raises(ServiceUnreachable):
            await ask(tmp_path / "s")


async def test_an_answer_without_end_is_refused(tmp_path: Path) -> None:
    async with service(tmp_path / "s", lambda _head, _body: answer(b" " * (MAX_BODY_BYTES + 1))):
        with pytest.raises(ServiceUnreachable, match="larger"):
            await ask(tmp_path / "s")


async def test_proofs_are_asked_for_by_audience(tmp_path: Path) -> None:
    def reply(_head: bytes, body: bytes) -> bytes:
        return answer({"tokens": dict.fromkeys(json.loads(body)["audiences"], "t"), "expires_in": 600})

    client = TokenServiceClient(tmp_path / "s", authority_host="localhost:8444")
    async with service(tmp_path / "s", reply):
        proofs = await client.proofs(["a.b.svc"])
    assert dict(proofs.tokens) == {"a.b.svc": "t"}
    assert proofs.expires_in_s == 600
    assert "'t'" not in repr(proofs)


async def test_a_refused_token_keeps_the_services_words(tmp_path: Path) -> None:
    client = TokenServiceClient(tmp_path / "s", authority_host="localhost:8444")
    async with service(tmp_path / "s", lambda _head, _body: answer({"error": "invalid_grant"}, "400 Bad Request")):
        assert await client.token({"user": "nobody"}) == (400, {"error": "invalid_grant"})


async def calls(client: TokenServiceClient) -> list[Awaitable[object]]:
    return [client.proofs([]), client.rotate_keys(), client.reload()]


async def test_an_error_where_none_is_expected_is_unreachable(tmp_path: Path) -> None:
    client = TokenServiceClient(tmp_path / "s", authority_host="localhost:8444")
    async with service(tmp_path / "s", lambda _head, _body: answer({}, "500 Internal Server Error")):
        for call in await calls(client):
            with pytest.raises(ServiceUnreachable, match="500"):
                await call
        assert await client.health() is False
    assert await client.health() is False
