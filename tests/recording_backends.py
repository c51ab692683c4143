"""Backends that keep what they received and answer as they are told: HTTP/1.1, WebSocket, SSE, HTTP/2, with TLS or not.

They run in the event loop of a `Background` thread, so that tests are plain functions and clients may block.
One backend is one port; `replies` holds the next answers, `default` all later ones.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import ssl
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions

T = TypeVar("T")

_WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455 section 1.3."""


_ENDS = (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError)
"""How a conversation may end."""


class Background:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="backends", daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T], *, timeout_s: float = 120) -> T:
        """The coroutine's result; raises what it raises."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        return future.result(timeout_s)

    def stop(self) -> None:
        """Cancel what still runs, and end the thread."""

        async def cancel() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self.run(cancel())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
        self.loop.close()


@dataclass(frozen=True)
class Peer:
    """Who called, as TLS tells."""

    server_name: str | None = None
    certificate: str | None = None
    """The common name of the certificate that the caller presented."""
    alpn: str | None = None


@dataclass(frozen=True)
class Received:
    """One request as the backend saw it."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    """Names in lower case; HTTP/2's `:authority` is `host`."""
    body: bytes
    version: str
    """HTTP/1.1 or HTTP/2."""
    peer: Peer = Peer()

    def header(self, name: str) -> str | None:
        """The values under one name, joined; None if there is none."""
        values = [value for key, value in self.headers if key == name]
        return ", ".join(values) if values else None

    @property
    def host(self) -> str | None:
        return self.header("host")


@dataclass(frozen=True)
class Reply:
    """How to answer one request."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    """None: what was received, as JSON."""
    hang: bool = False
    """Never answer."""
    cut: bool = False
    """Close the connection instead of answering."""
    parts: tuple[bytes, ...] = ()
    """Instead of `body`: sent one by one, each after the first waiting for `Backend.next_part`."""


OK = Reply()


@dataclass
class Backend:
    """One port. Its name is in every answer that is not scripted."""

    name: str
    address: str = "127.0.0.1"
    port: int = 0
    received: list[Received] = field(default_factory=list)
    replies: deque[Reply] = field(default_factory=deque)
    default: Reply = OK
    connections: int = 0
    """How many were opened so far."""
    _parts: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    _loop: asyncio.AbstractEventLoop | None = None

    @property
    def last(self) -> Received:
        return self.received[-1]

    @property
    def endpoint(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    def next_part(self) -> None:
        """Let the next part of a streamed answer go."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._parts.release)

    def forget(self) -> None:
        """As if nothing had been asked."""
        self.received.clear()
        self.replies.clear()
        self.default = OK

    async def answer_to(self, request: Received) -> tuple[Reply, bytes]:
        """Record a request; the reply and its body."""
        self.received.append(request)
        reply = self.replies.popleft() if self.replies else self.default
        if reply.hang:
            await asyncio.Event().wait()
        if reply.body is not None:
            return reply, reply.body
        said = {"backend": self.name, "method": request.method, "path": request.path, "headers": request.headers}
        return reply, json.dumps({**said, "body": request.body.decode("latin-1")}).encode()

    async def stream(self, parts: tuple[bytes, ...]) -> Any:
        """The parts, each when it may go."""
        for number, part in enumerate(parts):
            if number:
                await self._parts.acquire()
            yield part


Talk = Callable[[Backend, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def start(
    backend: Backend, talk: Talk, *, tls: ssl.SSLContext | None = None
) -> Callable[[], Coroutine[Any, Any, None]]:
    """Listen on a free port of the backend's address; the coroutine function that ends it."""
    backend._loop = asyncio.get_running_loop()
    conversations: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        conversations[task] = writer
        backend.connections += 1
        try:
            with contextlib.suppress(
                ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError
            ):
                await talk(backend, reader, writer)
        finally:
            conversations.pop(task, None)
            writer.close()
            with contextlib.suppress(*_ENDS):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, backend.address, backend.port, ssl=tls)
    backend.port = server.sockets[0].getsockname()[1]

    async def stop() -> None:
        server.close()
        tasks = [task for task in conversations if task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return stop


def peer_of(writer: asyncio.StreamWriter) -> Peer:
    """What TLS tells of the caller."""
    tls = writer.get_extra_info("ssl_object")
    if tls is None:
        return Peer()
    subject = dict(pair for part in (tls.getpeercert() or {}).get("subject", ()) for pair in part)
    return Peer(
        server_name=getattr(tls, "tidegate_server_name", None),
        certificate=subject.get("commonName") or subject.get("organizationName"),
        alpn=tls.selected_alpn_protocol(),
    )


# -- HTTP/1.1 ---------------------------------------------------------------------------------------------------------


async def http1(backend: Backend, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Kept connections, WebSocket upgrades (frames come back), streamed answers."""
    peer = peer_of(writer)
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        pairs = (line.partition(":") for line in head[1:-2])
        headers = tuple((name.lower(), value.strip()) for name, _, value in pairs)
        request = Received(method, path, headers, b"", "HTTP/1.1", peer)
        if request.header("transfer-encoding") == "chunked":
            body = b"".join([part async for part in _chunks(reader)])
        else:
            body = await reader.readexactly(int(request.header("content-length") or 0))
        request = replace(request, body=body)
        if request.header("upgrade") == "websocket":
            backend.received.append(request)
            await _websocket(request, reader, writer)
            return
        reply, body = await backend.answer_to(request)
        if reply.cut:
            return
        lines = [f"HTTP/1.1 {reply.status} Said", *(f"{name}: {value}" for name, value in reply.headers)]
        if reply.parts:
            writer.write("\r\n".join([*lines, "transfer-encoding: chunked", "", ""]).encode())
            async for part in backend.stream(reply.parts):
                writer.write(b"%x\r\n%s\r\n" % (len(part), part))
                await writer.drain()
            writer.write(b"0\r\n\r\n")
        else:
            writer.write("\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode())
            writer.write(b"" if method == "HEAD" else body)
        await writer.drain()


async def _chunks(reader: asyncio.StreamReader) -> Any:
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        yield await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")


async def _websocket(request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """RFC 6455, as far as short text frames go: each comes back, and a close ends it."""
    key = (request.header("sec-websocket-key") or "") + _WEBSOCKET_GUID
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "upgrade: websocket", "connection: Upgrade"]
    writer.write("\r\n".join([*lines, f"sec-websocket-accept: {accept}", "", ""]).encode())
    while True:
        first, second = await reader.readexactly(2)
        mask = await reader.readexactly(4)
        text = bytes(byte ^ mask[at % 4] for at, byte in enumerate(await reader.readexactly(second & 0x7F)))
        writer.write(bytes((first, len(text))) + text)
        await writer.drain()
        if first & 0x0F == 0x8:
            return


# -- HTTP/2 -----------------------------------------------------------------------------------------------------------


async def http2(backend: Backend, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """HTTP/2 with prior knowledge; nothing else is understood."""
    peer = peer_of(writer)
    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
    connection.initiate_connection()
    bodies: dict[int, tuple[dict[str, str], tuple[tuple[str, str], ...], bytearray]] = {}
    async with asyncio.TaskGroup() as answers:
        writer.write(connection.data_to_send())
        while data := await reader.read(65536):
            for event in connection.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    pseudo = {name: value for name, value in event.headers if name.startswith(":")}
                    headers = tuple((name, value) for name, value in event.headers if not name.startswith(":"))
                    bodies[event.stream_id] = (pseudo, headers, bytearray())
                elif isinstance(event, h2.events.DataReceived):
                    bodies[event.stream_id][2].extend(event.data)
                    connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                elif isinstance(event, h2.events.StreamEnded):
                    pseudo, headers, body = bodies.pop(event.stream_id)
                    request = Received(
                        pseudo[":method"],
                        pseudo[":path"],
                        (("host", pseudo.get(":authority", "")), *headers),
                        bytes(body),
                        "HTTP/2",
                        peer,
                    )
                    answers.create_task(_answer(backend, connection, writer, event.stream_id, request))
            writer.write(connection.data_to_send())
            await writer.drain()


async def _answer(
    backend: Backend,
    connection: h2.connection.H2Connection,
    writer: asyncio.StreamWriter,
    stream: int,
    request: Received,
) -> None:
    reply, body = await backend.answer_to(request)
    with contextlib.suppress(h2.exceptions.ProtocolError, ConnectionError):
        if reply.cut:
            connection.reset_stream(stream, h2.errors.ErrorCodes.INTERNAL_ERROR)
        else:
            connection.send_headers(stream, [(":status", str(reply.status)), *reply.headers])
            connection.send_data(stream, body, end_stream=True)
        writer.write(connection.data_to_send())
        await writer.drain()


@contextlib.contextmanager
def running(
    background: Background, backend: Backend, talk: Talk = http1, *, tls: ssl.SSLContext | None = None
) -> Iterator[Backend]:
    """A backend for as long as the block lasts."""
    stop = background.run(start(backend, talk, tls=tls))
    try:
        yield backend
    finally:
        background.run(stop())
