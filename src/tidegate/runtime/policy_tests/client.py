"""The client of a case: one request on a connection of its own."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Final

import h11

from tidegate.runtime.policy_tests.messages import Answer, HeaderLines

_MAX_BODY_BYTES: Final = 64 << 20


class NoAnswer(Exception):
    """The gateway gave no answer; why, in words for the user."""


async def ask(
    address: tuple[str, int],
    *,
    method: str,
    target: str,
    headers: HeaderLines,
    body: bytes,
    client_address: str,
    server_name: str | None,
    patience_s: float,
) -> Answer:
    """The answer; `server_name` for a listener that speaks TLS. Raises NoAnswer."""
    try:
        async with asyncio.timeout(patience_s):
            reader, writer = await asyncio.open_connection(
                *address,
                local_addr=(client_address, 0),
                ssl=_trusting() if server_name is not None else None,
                server_hostname=server_name,
            )
            try:
                return await _exchange(reader, writer, method, target, headers, body)
            finally:
                writer.close()
                with contextlib.suppress(OSError, ssl.SSLError):
                    await writer.wait_closed()
    except TimeoutError:
        raise NoAnswer(f"the gateway did not answer within {patience_s:g} s") from None
    except (OSError, h11.ProtocolError) as reason:
        raise NoAnswer(f"the gateway gave no whole answer: {reason}") from reason


def _trusting() -> ssl.SSLContext:
    # The gateway runs on loopback in this very process tree; whose certificate it has is no part of a policy's case.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def _exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    method: str,
    target: str,
    headers: HeaderLines,
    body: bytes,
) -> Answer:
    connection = h11.Connection(h11.CLIENT)
    writer.write(connection.send(h11.Request(method=method, target=target, headers=list(headers))) or b"")
    if body:
        writer.write(connection.send(h11.Data(data=body)) or b"")
    writer.write(connection.send(h11.EndOfMessage()) or b"")
    await writer.drain()
    status, content = 0, bytearray()
    lines: HeaderLines = ()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Response):
            status = event.status_code
            lines = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers)
        elif isinstance(event, h11.Data):
            content += event.data
            if len(content) > _MAX_BODY_BYTES:
                raise NoAnswer(f"the answer is larger than {_MAX_BODY_BYTES} bytes")
        elif isinstance(event, h11.EndOfMessage):
            return Answer(status, lines, bytes(content))
        elif not isinstance(event, h11.InformationalResponse):
            raise NoAnswer("the gateway closed the connection without an answer")
