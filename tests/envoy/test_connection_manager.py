"""Real Envoy: how requests are read and cleaned before anything decides about them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from real_envoy import Client, Origin, free_port, get, origin, serving
from worlds import backend, compiled, forward, http, route, world

pytestmark = pytest.mark.e2e


@asynccontextmanager
async def edge() -> AsyncIterator[tuple[int, Origin]]:
    """Path /open and everything below it goes to an origin; nothing else does."""
    async with origin("a") as a:
        to = backend("a", a.port)
        port = free_port()
        this = world(http(route("open", forward(to), path="/open")), backends=(to,))
        async with serving(compiled(this, port_offset=port - 80).snapshot):
            yield port, a


async def test_what_only_the_gateway_says_never_comes_from_a_client() -> None:
    """Every spelling of x-envoy-* and of the proof; other headers pass."""
    async with edge() as (port, a):
        forged = [
            ("X-Envoy-Upstream-Rq-Timeout-Ms", "1"),
            ("x_envoy_retry_on", "5xx"),
            ("X-Envoy-Anything", "1"),
            ("X-Gateway-Authorization", "Bearer forged"),
            ("x_gateway_authorization", "Bearer forged"),
            ("X.Gateway-Authorization", "Bearer forged"),
            ("X-Kept", "1"),
        ]
        assert (await get(port, "/open", *forged)).status == 200
        names = {name.lower() for name, _ in a.requests[-1][1]}
        assert not {name for name in names if "envoy" in name}
        assert a.headers("x-kept") == ["1"]
        assert a.headers("x-gateway-authorization") == ["Bearer test"]
        assert "x_gateway_authorization" not in names


async def test_the_client_is_the_peer_of_the_connection() -> None:
    """What a client says about itself comes before what the gateway saw, and its scheme is not believed."""
    async with edge() as (port, a):
        await get(port, "/open", ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-Proto", "https"))
        (forwarded,) = a.headers("x-forwarded-for")
        assert forwarded.startswith("203.0.113.9,")
        assert a.headers("x-forwarded-proto") == ["http"]


async def test_every_request_has_an_id_of_the_gateways_own() -> None:
    async with edge() as (port, a):
        await get(port, "/open", ("X-Request-Id", "mine"))
        (given,) = a.headers("x-request-id")
        assert given != "mine"
        assert len(given) == 36


async def test_answers_do_not_tell_what_serves_them() -> None:
    """The backend's Server header passes; there is none where it sent none."""
    async with edge() as (port, _):
        answer = await get(port, "/open")
        assert answer.headers["server"] == "origin"
        assert not [name for name in answer.headers if "envoy" in name]
        assert "server" not in (await get(port, "/closed")).headers


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("/open//a///b", "/open/a/b"),
        ("/closed/../open/a", "/open/a"),
        ("/open/./a?b=//../c", "/open/a?b=//../c"),
        ("/open/%2e%2e/open/a", "/open/a"),
    ],
)
async def test_a_path_has_one_spelling(sent: str, seen: str) -> None:
    """What a rule matches is what the backend reads."""
    async with edge() as (port, a):
        assert (await get(port, sent)).status == 200
        assert a.requests[-1][0] == f"GET {seen} HTTP/1.1"


@pytest.mark.parametrize("path", ["/closed%2f..%2fopen", "/open/..%5cclosed", "/open/%2e%2e/closed", "/open/../closed"])
async def test_a_path_cannot_walk_around_a_rule(path: str) -> None:
    """An escaped separator is refused; dots are resolved before the rules are asked."""
    async with edge() as (port, a):
        assert (await get(port, path)).status in {400, 404}
        assert a.requests == []


async def test_headers_have_limits() -> None:
    """In bytes and in number; the answer is ours."""
    async with edge() as (port, a):
        large = await get(port, "/open", ("X-Large", "x" * 70_000))
        many = await get(port, "/open", *((f"X-{i}", "1") for i in range(120)))
        assert (large.status, many.status) == (431, 431)
        assert a.requests == []
        assert large.body in {"", '{"statusCode":431,"message":"The request headers are too large"}'}


async def test_a_connection_serves_one_request_after_the_other() -> None:
    async with edge() as (port, a), Client(port) as client:
        for _ in range(3):
            assert (await client.get("/open")).status == 200
        assert len(a.requests) == 3
