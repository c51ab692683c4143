"""The client of a case."""

from __future__ import annotations

import asyncio

import pytest

from tidegate.runtime.policy_tests.client import NoAnswer, ask


async def answered(answer: bytes, *, patience_s: float = 60.0) -> object:
    """What the client makes of these bytes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        if answer:
            writer.close()
        else:
            await reader.read()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        return await ask(
            server.sockets[0].getsockname(),
            method="GET",
            target="/",
            headers=(("host", "a.test"),),
            body=b"",
            client_address="127.0.0.3",
            server_name=None,
            patience_s=patience_s,
        )


async def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    """RFC 9112 section 6.3; interim answers are passed over."""
    answer = await answered(b"HTTP/1.1 103 Early\r\na: b\r\n\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\n\r\nhello")
    assert (getattr(answer, "status", 0), getattr(answer, "body", b"")) == (200, b"hello")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello", "no whole answer"),
        (b"rubbish\r\n\r\n", "no whole answer"),
    ],
)
async def test_no_answer_is_told_in_words(said: bytes, reason: str) -> None:
    """Whatever the gateway did instead."""
    with pytest.raises(NoAnswer, match=reason):
        await answered(said)


async def test_a_gateway_that_says_nothing() -> None:
    """The case fails; the run goes on."""
    with pytest.raises(NoAnswer, match="within"):
        await answered(b"", patience_s=0.05)
