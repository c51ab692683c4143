"""Real Envoy: TCP, TLS by server name and UDP; what they share a port with, and what becomes of open connections."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from authorities import Authority, client_tls
from live_edge import Edge, backend_on, edge, served
from real_envoy import Client, get
from stream_backends import tcp_echo
from tidegate.compilers.listeners import Choices, Port, compile_port
from tidegate.envoy import LISTENER
from tidegate.model import (
    Backend,
    BackendProtocol,
    Certificate,
    Listener,
    ListenerTls,
    ObjectKey,
    Protocol,
    Respond,
    StreamRoute,
    WeightedBackend,
)
from worlds import http, route, span, world

e2e = pytest.mark.e2e


def stream(
    *to: Backend | None, weights: tuple[int, ...] = (), hosts: tuple[str, ...] = (), name: str = "s"
) -> StreamRoute:
    """A stream route's rule; None does not resolve."""
    return StreamRoute(
        f"shop/{name}#0",
        hosts,
        tuple(
            WeightedBackend(one.id if one else None, weight)
            for one, weight in zip(to, weights or (1,) * len(to), strict=True)
        ),
        ObjectKey("gateway.networking.k8s.io", "TLSRoute", "shop", name),
        span(),
    )


def tcp(*routes: StreamRoute, port: int = 80) -> Listener:
    return Listener(f"tcp-{port}", port, Protocol.TCP, None, (), (), span(), stream_routes=routes)


def udp(*routes: StreamRoute) -> Listener:
    return Listener("udp", 80, Protocol.UDP, None, (), (), span(), stream_routes=routes)


def tls(hostname: str | None, *routes: StreamRoute, certificate: Certificate | None = None) -> Listener:
    """Terminated where there is a certificate."""
    return Listener(
        hostname or "any",
        80,
        Protocol.TLS,
        hostname,
        (certificate,) if certificate else (),
        (),
        span(),
        tls=ListenerTls(passthrough=certificate is None),
        stream_routes=routes,
    )


async def say(here: Edge, *, tls: ssl.SSLContext | None = None, sni: str | None = None, port: int = 80) -> str:
    """What a line comes back as; "" where the connection is closed instead."""
    with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
        async with asyncio.timeout(60):
            reader, writer = await asyncio.open_connection("127.0.0.1", here.at(port), ssl=tls, server_hostname=sni)
            try:
                writer.write(b"hello\n")
                return (await reader.readline()).decode().strip()
            finally:
                writer.close()
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    await writer.wait_closed()
    return ""


@e2e
async def test_tcp_is_forwarded_and_what_resolves_nowhere_is_closed() -> None:
    """TCPRoute.rules.backendRefs."""
    async with backend_on(tcp_echo, "db") as db:
        one = served("db", db, protocol=BackendProtocol.TCP)
        gone = served("gone", protocol=BackendProtocol.TCP)
        listeners = (
            tcp(stream(one)),
            tcp(stream(None), port=81),
            tcp(stream(gone), port=82),
            tcp(port=83),
            tcp(stream(one, weights=(0,)), port=84),
        )
        async with edge(*listeners, backends=(one, gone)) as here:
            assert await say(here) == "db: hello"
            assert [await say(here, port=port) for port in (81, 82, 83, 84)] == [""] * 4


@e2e
async def test_connections_are_shared_out_by_weight() -> None:
    """The share of what does not resolve is closed."""
    async with backend_on(tcp_echo, "one") as a, backend_on(tcp_echo, "two") as b:
        one = served("one", a, protocol=BackendProtocol.TCP)
        two = served("two", b, protocol=BackendProtocol.TCP)
        async with edge(tcp(stream(one, two, None, weights=(6, 2, 2))), backends=(one, two)) as here:
            said = Counter([await say(here) for _ in range(300)])
            assert 130 < said["one: hello"] < 230
            assert 30 < said["two: hello"] < 95
            assert 30 < said[""] < 95


@e2e
async def test_server_names_choose_and_the_most_specific_listener_wins() -> None:
    """TLS passthrough, termination and HTTPS side by side; each backend sees its own handshake."""
    authority = Authority()
    leaf = authority.issue("*.example.com", "db.b.example.com")
    mine = leaf.for_model("mine")
    async with (
        backend_on(tcp_echo, "exact", tls=leaf.server()) as exact,
        backend_on(tcp_echo, "wild", tls=leaf.server()) as wild,
        backend_on(tcp_echo, "plain") as plain,
    ):
        to_exact = served("exact", exact, protocol=BackendProtocol.TCP)
        to_wild = served("wild", wild, protocol=BackendProtocol.TCP)
        to_plain = served("plain", plain, protocol=BackendProtocol.TCP)
        listeners = (
            http(route("plain", Respond(201))),
            Listener("https", 80, Protocol.HTTPS, "shop.example.com", (mine,), (route("all", Respond(202)),), span()),
            tls(
                "*.example.com",
                stream(to_wild, hosts=("*.b.example.com", "shop.example.com", "mqtt.example.com"), name="wild"),
                stream(to_exact, hosts=("db.example.com", "db.b.example.com"), name="exact"),
            ),
            tls("mqtt.example.com", stream(to_plain), certificate=mine),
        )
        async with edge(*listeners, backends=(to_exact, to_wild, to_plain)) as here:
            secure = client_tls(trust=authority)
            loose = client_tls()
            assert await say(here, tls=secure, sni="db.example.com") == "exact: hello"
            assert await say(here, tls=secure, sni="db.b.example.com") == "exact: hello"
            assert await say(here, tls=loose, sni="other.b.example.com") == "wild: hello"
            assert await say(here, tls=secure, sni="mqtt.example.com") == "plain: hello", "terminated"
            assert await say(here, tls=loose, sni="unrouted.example.com") == ""
            assert await say(here, tls=loose, sni="stranger.test") == ""
            async with Client(here.port, tls=secure, sni="shop.example.com") as client:
                assert (await client.get("/", host="shop.example.com")).status == 202
                assert (await client.get("/", host="db.example.com")).status == 421
            assert (await get(here.port, "/")).status == 201


@dataclass
class Echo(asyncio.DatagramProtocol):
    """A UDP backend."""

    name: str
    received: list[bytes] = field(default_factory=list)
    port: int = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.received.append(data)
        self._transport.sendto(f"{self.name}: ".encode() + data, addr)


@asynccontextmanager
async def udp_backend(name: str) -> AsyncIterator[Echo]:
    transport, echo = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Echo(name), local_addr=("127.0.0.1", 0)
    )
    echo.port = transport.get_extra_info("sockname")[1]
    try:
        yield echo
    finally:
        transport.close()


class Asker(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answers: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.answers.put_nowait(data)


async def ask(here: Edge, *datagrams: bytes, patience_s: float = 3) -> list[str]:
    """What one client's datagrams come back as; "" where none does."""
    transport, asker = await asyncio.get_running_loop().create_datagram_endpoint(
        Asker, remote_addr=("127.0.0.1", here.port)
    )
    said = []
    for datagram in datagrams:
        transport.sendto(datagram)
        try:
            async with asyncio.timeout(patience_s):
                said.append((await asker.answers.get()).decode())
        except TimeoutError:
            said.append("")
    transport.close()
    return said


@e2e
async def test_datagrams_are_forwarded_and_answered() -> None:
    """UDPRoute: each of a client's datagrams goes the same way; large ones are whole."""
    async with udp_backend("dns") as dns:
        one = served("dns", dns, protocol=BackendProtocol.UDP)
        async with edge(udp(stream(one)), backends=(one,)) as here:
            assert await ask(here, b"a", b"b") == ["dns: a", "dns: b"]
            (large,) = await ask(here, b"x" * 8000)
            assert len(large) == 8005


@e2e
async def test_datagrams_are_shared_out_by_weight_and_stay_where_they_began() -> None:
    """The share of what does not resolve is dropped."""
    async with udp_backend("one") as a, udp_backend("two") as b:
        one = served("one", a, protocol=BackendProtocol.UDP)
        two = served("two", b, protocol=BackendProtocol.UDP)
        async with edge(udp(stream(one, two, weights=(3, 1))), backends=(one, two)) as here:
            said = Counter()
            for _ in range(200):
                first, second = await ask(here, b"x", b"x")
                assert first == second
                said[first] += 1
            assert 25 < said["two: x"] < 80, said
            assert said["one: x"] + said["two: x"] == 200
        async with edge(udp(stream(None)), backends=()) as here:
            assert await ask(here, b"x", patience_s=0.3) == [""]


def test_tcp_beside_what_is_told_apart_by_its_bytes_is_our_mistake() -> None:
    """Such listeners conflict; the status of one says so before anything is compiled."""
    port = Port("127.0.0.1", 80, (tcp(), http()), "")
    with pytest.raises(ValueError, match="cannot serve TCP beside"):
        list(compile_port(port, Choices(runtime="", log_requests=False, issuers={}, system_roots=""), None))


@e2e
async def test_open_connections_stay_where_they_are_when_their_route_changes() -> None:
    """New ones go where the route says now. The listener is the same: nothing is drained."""
    authority = Authority()
    async with backend_on(tcp_echo, "old") as a, backend_on(tcp_echo, "new") as b:
        old, new = (served(one.name, one, protocol=BackendProtocol.TCP) for one in (a, b))
        certificate = authority.issue("mqtt.test").for_model("mqtt")

        def listeners(to: Backend) -> tuple[Listener, ...]:
            return (tcp(stream(to)), replace(tls("mqtt.test", stream(to), certificate=certificate), port=81))

        async with edge(*listeners(old), backends=(old, new)) as here:
            plain = await asyncio.open_connection("127.0.0.1", here.at(80))
            secure = await asyncio.open_connection(
                "127.0.0.1", here.at(81), ssl=client_tls(), server_hostname="mqtt.test"
            )
            for reader, writer in (plain, secure):
                writer.write(b"before\n")
                assert await reader.readline() == b"old: before\n"
            before = here.cache.current
            after = await here.update(world(*listeners(new), backends=(old, new)))
            assert before is not None
            assert before.resources[LISTENER] == after.resources[LISTENER]
            assert await say(here) == "new: hello"
            assert await say(here, tls=client_tls(), sni="mqtt.test", port=81) == "new: hello"
            assert await here.statistic("listener_manager.total_listeners_draining") == 0
            for reader, writer in (plain, secure):
                writer.write(b"after\n")
                assert await reader.readline() == b"old: after\n"
                writer.close()
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    await writer.wait_closed()
