"""Real Envoy: listeners that share a port, in the clear and with TLS."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from authorities import Authority, Leaf, client_tls
from live_edge import edge as live
from real_envoy import Client, Envoy, free_port, get, serving
from tidegate.compilers.listeners import Choices, Port, compile_port
from tidegate.envoy import LISTENER, ROUTE
from tidegate.model import Certificate, ClientValidation, Listener, ListenerTls, ObjectName, Protocol, Respond
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


def secured(hostname: str, leaf: Leaf, status: int = 204, **more: Any) -> Listener:
    """A TLS listener with a certificate of its own."""
    return Listener(
        hostname,
        80,
        Protocol.HTTPS,
        hostname,
        (leaf.for_model(hostname),),
        (route(f"{hostname}-{status}", Respond(status)),),
        span(),
        **more,
    )


async def test_connections_of_one_host_outlive_changes_of_others() -> None:
    """Envoy drains only filter chains that change: another host's comes, changes and goes beside open connections."""
    authority = Authority()
    one, two = authority.issue("one.test"), authority.issue("two.test")
    async with live(secured("one.test", one)) as here:
        async with Client(here.port, tls=client_tls(trust=authority), sni="one.test") as client:
            for listeners in (
                (secured("one.test", one), secured("two.test", two)),
                (secured("one.test", one), secured("two.test", two, tls=ListenerTls(maximum_version="1.2"))),
                (secured("one.test", one),),
            ):
                await here.update(world(*listeners))
                answer = await client.get("/", host="one.test")
                assert answer.status == 204
                assert "connection" not in answer.headers, "the gateway means to close it"
        assert await here.statistic("listener_manager.total_listeners_draining") == 0


async def test_routes_and_certificates_change_under_open_connections() -> None:
    """Neither touches the listener: routes come by RDS, certificates and authorities by SDS."""
    old, new = Authority("old"), Authority("new")
    clients, others = Authority("clients"), Authority("others")

    def listener(servers: Authority, roots: Authority, status: int) -> Listener:
        tls = ListenerTls(client_validation=ClientValidation((roots.pem,)))
        return secured("one.test", servers.issue("one.test"), status, tls=tls)

    mine = clients.issue("me.test")
    async with live(listener(old, clients, 201)) as here:
        before = here.cache.current
        async with Client(here.port, tls=mine.shown_by(client_tls(trust=old)), sni="one.test") as client:
            assert (await client.get("/", host="one.test")).status == 201
            after = await here.update(world(listener(new, others, 202)))
            answer = await client.get("/", host="one.test")
            assert answer.status == 202
            assert "connection" not in answer.headers
        assert before is not None
        assert before.resources[LISTENER] == after.resources[LISTENER]
        theirs = others.issue("them.test")
        async with Client(here.port, tls=theirs.shown_by(client_tls(trust=new)), sni="one.test") as client:
            assert (await client.get("/", host="one.test")).status == 202
        with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
            async with Client(here.port, tls=mine.shown_by(client_tls(trust=new)), sni="one.test") as client:
                await client.get("/", host="one.test")


async def test_one_hostname_of_two_listeners_keeps_the_first_ones_demands() -> None:
    """What one asks of its clients is not walked around by another for the same host."""
    authority = Authority()
    strict = secured(
        "one.test",
        authority.issue("one.test"),
        201,
        tls=ListenerTls(client_validation=ClientValidation((authority.pem,))),
    )
    lax = replace(secured("one.test", authority.issue("one.test"), 202), name="other")
    async with live(strict, lax) as here:
        async with Client(here.port, tls=authority.issue("me.test").shown_by(client_tls()), sni="one.test") as client:
            assert (await client.get("/", host="one.test")).status == 201
        with pytest.raises((ssl.SSLError, ConnectionError, EOFError)):
            async with Client(here.port, tls=client_tls(), sni="one.test") as client:
                await client.get("/", host="one.test")


def test_one_new_certificate_makes_one_chain_and_one_secret() -> None:
    """Whatever else the port serves is the very object that it was."""
    authority = Authority()
    choices = Choices(runtime="", log_requests=False, issuers={}, system_roots="")
    listeners = [secured(f"h{number}.test", authority.issue(f"h{number}.test")) for number in range(3)]
    first = compile_port(Port("127.0.0.1", 443, tuple(listeners), ""), choices, None)
    listeners[1] = secured("h1.test", authority.issue("h1.test"))
    second = compile_port(Port("127.0.0.1", 443, tuple(listeners), ""), choices, first)
    old, new = dict(first.sockets), dict(second.sockets)
    assert [name.name for name in new if new[name] is not old[name]] == ["certificate/shop/h1.test"]
    more = (*listeners, secured("h3.test", authority.issue("h3.test")))
    third = compile_port(Port("127.0.0.1", 443, more, ""), choices, second)
    made = [name for name, chain in third.chains.items() if second.chains.get(name) is not chain]
    assert made == ["https/h3.test"]


async def test_very_many_hostnames_on_a_port_do_not_list_each_other() -> None:
    """A foreign host is misdirected all the same; what is inside a wildcard is listed in its table."""
    authority = Authority()
    many = tuple(secured(f"h{number}.example.com", authority.issue("x.test"), 201) for number in range(140))
    wide = secured("*.example.com", authority.issue("x.test"), 202)
    rest = replace(secured("rest.test", authority.issue("x.test"), 203), hostname=None, name="rest")
    async with live(*many, wide, rest) as here:
        for sni, host, status in (
            ("h7.example.com", "h7.example.com", 201),
            ("h7.example.com", "h8.example.com", 421),
            ("h7.example.com", "www.example.com", 421),
            ("www.example.com", "other.example.com", 202),
            ("www.example.com", "h8.example.com", 421),
            ("elsewhere.test", "h8.example.com", 421),
        ):
            async with Client(here.port, tls=client_tls(), sni=sni) as client:
                assert (await client.get("/", host=host)).status == status, (sni, host)
        snapshot = here.cache.current
        assert snapshot is not None
        listed = [
            len(host["domains"]) for table in snapshot.resources[ROUTE].values() for host in table["virtual_hosts"]
        ]
        assert sum(listed) < 800
