"""Connections that never finish a request: they end, and whoever finishes in time is served."""

from __future__ import annotations

import asyncio
import contextlib
import ssl

import pytest

from identity.contoso import World, client_credentials
from identity.test_serve import _public, serving, state
from tidegate.identity import app
from tidegate.identity.patience import PatientProtocol

__all__ = ["state"]  # the fixture

SHORT_S = 0.2
ENDLESS = 100
"""Attempts; at a hundredth of a second each, several times SHORT_S."""


async def _dribble(state_: object, port: int, beginning: bytes) -> bytes:
    """Send `beginning`, then a byte now and then until the other end closes; what it answered."""
    context = ssl.create_default_context(cafile=f"{state_}/ca.pem")
    reader, writer = await asyncio.open_connection("localhost", port, ssl=context)
    answer = asyncio.ensure_future(reader.read())
    writer.write(beginning)
    for _ in range(ENDLESS):
        done, _pending = await asyncio.wait([answer], timeout=0.01)
        if done:
            break
        writer.write(b"x")
    else:
        answer.cancel()
        pytest.fail("the connection stays open for ever")
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return b"" if answer.exception() else answer.result()


@pytest.mark.parametrize("beginning", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "])
async def test_headers_that_never_end(
    world: World, state: object, beginning: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed without an answer, however busy the connection looks."""
    monkeypatch.setattr(PatientProtocol, "headers_s", SHORT_S)
    async with serving(state, world.service) as bound:  # type: ignore[arg-type]  # a Path, by another module's fixture
        assert await _dribble(state, bound.port, beginning) == b""


async def test_a_body_that_never_ends(world: World, state: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused, and what still comes of it is not waited for either."""
    monkeypatch.setattr(app, "BODY_S", SHORT_S)
    monkeypatch.setattr(PatientProtocol, "headers_s", SHORT_S)
    head = b"POST /contoso.com/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"
    async with serving(state, world.service) as bound:  # type: ignore[arg-type]  # a Path, by another module's fixture
        assert (await _dribble(state, bound.port, head)).startswith(b"HTTP/1.1 400 ")


async def test_kept_connections_serve_one_request_after_another(
    world: World, state: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The patience is for one request's headers, not for the connection."""
    monkeypatch.setattr(PatientProtocol, "headers_s", SHORT_S)
    async with serving(state, world.service) as bound, _public(state, bound) as public:  # type: ignore[arg-type]  # as above
        now = asyncio.get_running_loop().time
        end = now() + 3 * SHORT_S
        while now() < end:
            answer = await public.post("/contoso.com/oauth2/v2.0/token", data=client_credentials())
            assert answer.status_code == 200
