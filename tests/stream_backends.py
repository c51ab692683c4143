"""Recording backends below and beside HTTP: raw TCP, UDP, and gRPC by grpcio."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc

from recording_backends import Backend, Background


async def tcp_echo(backend: Backend, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Each line comes back behind the backend's name."""
    while line := await reader.readline():
        writer.write(f"{backend.name}: ".encode() + line)
        await writer.drain()


@dataclass
class Datagrams:
    """A UDP backend: each datagram comes back behind the backend's name."""

    name: str
    port: int = 0
    received: list[bytes] = field(default_factory=list)

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, backend: Datagrams) -> None:
        self._backend = backend

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self._backend.received.append(data)
        self._transport.sendto(f"{self._backend.name}: ".encode() + data, addr)


@contextlib.contextmanager
def running_udp(background: Background, name: str) -> Iterator[Datagrams]:
    """A UDP backend for as long as the block lasts."""
    backend = Datagrams(name)

    async def open_socket() -> asyncio.DatagramTransport:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Udp(backend), local_addr=("127.0.0.1", 0))
        return transport

    transport = background.run(open_socket())
    backend.port = transport.get_extra_info("sockname")[1]
    try:
        yield backend
    finally:
        background.loop.call_soon_threadsafe(transport.close)


@dataclass(frozen=True)
class Call:
    """One gRPC call as the backend saw it."""

    method: str
    """/package.Service/Method"""
    metadata: tuple[tuple[str, str], ...]
    host: str = ""

    def header(self, name: str) -> str | None:
        values = [value for key, value in self.metadata if key == name]
        return ", ".join(values) if values else None


@dataclass
class GrpcBackend:
    """A gRPC server that knows every method: what it is for follows from the method's name.

    `...Stream` answers one message thrice, `...Collect` many messages with one, `...Chat` each message with one,
    everything else one with one. Messages are bytes; an answer is the backend's name, a colon and the message.
    """

    name: str
    port: int = 0
    calls: list[Call] = field(default_factory=list)
    failures: list[grpc.StatusCode] = field(default_factory=list)
    """The next calls end with these."""
    healthy: bool = True
    """What grpc.health.v1 says."""

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    def say(self, message: bytes) -> bytes:
        return f"{self.name}: ".encode() + message


class _Handler(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpcio has no types
    def __init__(self, backend: GrpcBackend) -> None:
        self._backend = backend

    def service(self, handler_call_details: Any) -> Any:
        backend, method = self._backend, handler_call_details.method
        if method == "/grpc.health.v1.Health/Check":
            # HealthCheckResponse.status: SERVING = 1, NOT_SERVING = 2.
            return grpc.unary_unary_rpc_method_handler(lambda _, __: b"\x08\x01" if backend.healthy else b"\x08\x02")
        metadata = tuple((key, str(value)) for key, value in handler_call_details.invocation_metadata)
        backend.calls.append(Call(method, metadata))
        failure = backend.failures.pop(0) if backend.failures else None

        def fail(context: Any) -> None:
            if failure is not None:
                context.abort(failure, "as told")

        def unary(message: bytes, context: Any) -> bytes:
            fail(context)
            return backend.say(message)

        def stream(message: bytes, context: Any) -> Iterator[bytes]:
            fail(context)
            for number in range(3):
                yield backend.say(message + str(number).encode())

        def collect(messages: Iterable[bytes], context: Any) -> bytes:
            fail(context)
            return backend.say(b"+".join(messages))

        def chat(messages: Iterable[bytes], context: Any) -> Iterator[bytes]:
            fail(context)
            for message in messages:
                yield backend.say(message)

        if method.endswith("Stream"):
            return grpc.unary_stream_rpc_method_handler(stream)
        if method.endswith("Collect"):
            return grpc.stream_unary_rpc_method_handler(collect)
        if method.endswith("Chat"):
            return grpc.stream_stream_rpc_method_handler(chat)
        return grpc.unary_unary_rpc_method_handler(unary)


@contextlib.contextmanager
def running_grpc(name: str) -> Iterator[GrpcBackend]:
    """A gRPC server in the clear for as long as the block lasts."""
    backend = GrpcBackend(name)
    with ThreadPoolExecutor(4, thread_name_prefix=f"grpc-{name}") as pool:
        server = grpc.server(pool, handlers=(_Handler(backend),))
        backend.port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield backend
        finally:
            stopped: threading.Event = server.stop(None)
            stopped.wait(5)
