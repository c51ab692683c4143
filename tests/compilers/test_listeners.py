"""Real Envoy: listeners that share a port, in the clear and with TLS."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from real_envoy import Client, Envoy, free_port, get, serving
from tidegate.model import Certificate, Listener, ObjectName, Protocol, Respond
from worlds import compiled, http, route, span, world

pytestmark = pytest.mark.e2e


def https(hostname: str | None, status: int, certificate: tuple[str, str]) -> Listener:
    """A TLS listener whose only route answers with this status."""
    chain, key = certificate
    return Listener(
        name=hostname or "any",
        port=80,
        protocol=Protocol.HTTPS,
        hostname=hostname,
        certificates=(Certificate(ObjectName("shop", "test"), chain, key),),
        routes=(route(str(status), Respond(status), hosts=(hostname,) if hostname else ()),),
        span=span(),
    )


@asynccontextmanager
async def edge(*listeners: Listener) -> AsyncIterator[tuple[int, Envoy]]:
    port = free_port()
    async with serving(compiled(world(*listeners), port_offset=port - 80).snapshot) as envoy:
        yield port, envoy


def trusting_anybody(*alpn: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(list(alpn))
    return context


async def test_the_server_name_chooses_the_listener(test_certificate: tuple[str, str]) -> None:
    """The most specific one; a request for another listener's host is misdirected."""
    listeners = [https(None, 201, test_certificate), https("*.example.com", 202, test_certificate)]
    async with edge(*listeners, https("shop.example.com", 203, test_certificate)) as (port, _):
        for sni, host, status in (
            ("other.test", "other.test", 201),
            ("www.example.com", "www.example.com", 202),
            ("shop.example.com", "shop.example.com", 203),
            ("shop.example.com", "www.example.com", 421),
            ("www.example.com", "shop.example.com", 421),
        ):
            async with Client(port, tls=trusting_anybody("http/1.1"), sni=sni) as client:
                assert (await client.get("/", host=host)).status == status, (sni, host)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
async def test_old_tls_is_refused_and_http_2_is_offered(test_certificate: tuple[str, str]) -> None:
    async with edge(https(None, 201, test_certificate)) as (port, _):
        context = trusting_anybody("h2", "http/1.1")
        async with Client(port, tls=context, sni="a.test") as client:
            assert await client.negotiated() == "h2"
        old = trusting_anybody()
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("DEFAULT@SECLEVEL=0")
        with pytest.raises(ssl.SSLError):
            await Client(port, tls=old, sni="a.test").negotiated()


async def test_one_port_speaks_both(test_certificate: tuple[str, str]) -> None:
    """Plain text and TLS are told apart by the first bytes."""
    async with edge(http(route("plain", Respond(201))), https(None, 202, test_certificate)) as (port, _):
        assert (await get(port, "/")).status == 201
        async with Client(port, tls=trusting_anybody("http/1.1"), sni="a.test") as client:
            assert (await client.get("/")).status == 202


async def test_hosts_of_other_listeners_are_not_served() -> None:
    """Listeners of one port keep to themselves."""
    one = http(route("one", Respond(201)), hostname="one.test", name="one")
    wide = http(route("wide", Respond(202)), hostname="*.test", name="wide")
    empty = http(hostname="empty.test", name="empty")
    async with edge(one, wide, empty) as (port, _):
        statuses = {
            host: (await get(port, "/", host=host)).status for host in ("one.test", "two.test", "empty.test", "x")
        }
        assert statuses == {"one.test": 201, "two.test": 202, "empty.test": 404, "x": 404}
