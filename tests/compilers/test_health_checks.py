"""Real Envoy: endpoints that fail their probes get no requests, and probes carry no secret."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from authorities import Authority
from live_edge import Edge, backend_on, edge, served, until
from real_envoy import Client, get
from recording_backends import Backend as Recording
from recording_backends import Reply, http1, http2
from stream_backends import running_grpc, tcp_echo
from tidegate.model import (
    Backend,
    BackendProtocol,
    BackendTls,
    GrpcProbe,
    HealthCheck,
    HttpProbe,
    TcpProbe,
)
from worlds import forward, http, route, world

pytestmark = pytest.mark.e2e

QUICK: dict[str, Any] = {"interval_s": 0.05, "timeout_s": 1.0, "unhealthy_threshold": 2}


def checked(backend: Backend, probe: HttpProbe | GrpcProbe | TcpProbe | None = None, **more: Any) -> Backend:
    return replace(backend, health_check=HealthCheck(probe or HttpProbe("/healthz"), **(QUICK | more)))


def edge_for(backend: Backend) -> Any:
    return edge(http(route("all", forward(backend))), backends=(backend,))


async def status(here: Edge) -> int:
    return (await get(here.port, "/")).status


async def healthy(here: Edge, name: str = "shop/cart_80") -> int:
    return await here.statistic(f"cluster.{name}.membership_healthy")


def requests(recording: Recording) -> list[str]:
    """What came that is no probe."""
    return [one.path for one in recording.received if one.path != "/healthz"]


async def test_an_endpoint_that_fails_gets_no_requests_until_it_recovers() -> None:
    """HealthCheckPolicy: unhealthy after some failures, healthy after some successes."""
    async with backend_on(name="one") as one, backend_on(name="two") as two:
        one.default = two.default = Reply(200, body=b"")
        cart = checked(served("cart", one, two))
        async with edge_for(cart) as here:
            await until(lambda: _is(healthy(here), 2), "both healthy")
            two.default = Reply(500, body=b"")
            await until(lambda: _is(healthy(here), 1), "one healthy")
            before = len(requests(two))
            assert {await status(here) for _ in range(20)} == {200}
            assert len(requests(two)) == before
            two.default = Reply(200, body=b"")
            await until(lambda: _is(healthy(here), 2), "both healthy again")


async def _is(value: Any, expected: int) -> bool:
    return bool(await value == expected)


async def test_where_all_fail_requests_answer_503_and_reach_none() -> None:
    """As AGC's "no healthy upstream"; Envoy by itself would send them all the same."""
    async with backend_on(name="one") as one:
        one.default = Reply(500, body=b"")
        async with edge_for(checked(served("cart", one))) as here:
            await until(lambda: _is(healthy(here), 0), "none healthy")
            assert await status(here) == 503
            assert requests(one) == []


@pytest.mark.parametrize(
    ("probe", "reply", "counts"),
    [
        (HttpProbe("/healthz"), Reply(399, body=b""), 1),
        (HttpProbe("/healthz"), Reply(400, body=b""), 0),
        (HttpProbe("/healthz", statuses=((200, 204), (418, 418))), Reply(418, body=b""), 1),
        (HttpProbe("/healthz", statuses=((200, 204), (418, 418))), Reply(419, body=b""), 0),
        (HttpProbe("/healthz", body="all is well"), Reply(200, body=b"so all is well here"), 1),
        (HttpProbe("/healthz", body="all is well"), Reply(200, body=b"x" * 20_000 + b"all is well"), 1),
        (HttpProbe("/healthz", body="all is well"), Reply(200, body=b"nothing is well"), 0),
    ],
)
async def test_statuses_and_bodies_decide(probe: HttpProbe, reply: Reply, counts: int) -> None:
    """Ranges include both ends; the text may stand anywhere."""
    async with backend_on() as recording:
        recording.default = reply
        async with edge_for(checked(served("cart", recording), probe)) as here:
            await until(lambda: _is(_has(recording, 3), 3), "probes")
            await until(lambda: _is(healthy(here), counts), f"{counts} healthy")


@pytest.mark.parametrize("http_version", ["HTTP/1.1", "HTTP/2"])
async def test_a_probe_says_who_it_is_and_nothing_secret(http_version: str) -> None:
    """Its Host is the policy's or the backend's name; the proof is for requests only."""
    talk, protocol = (http1, BackendProtocol.HTTP1) if http_version == "HTTP/1.1" else (http2, BackendProtocol.HTTP2)
    async with backend_on(talk) as recording:
        for probe, host in ((HttpProbe("/p"), "cart.shop.svc"), (HttpProbe("/p", host="own.test"), "own.test")):
            recording.forget()
            cart = replace(checked(served("cart", recording), probe), protocol=protocol)
            async with edge_for(cart):
                await until(lambda: _is(_has(recording, 3), 3), "probes")
            seen = recording.received[0]
            assert (seen.method, seen.path, seen.host, seen.version) == ("GET", "/p", host, http_version)
            assert seen.header("user-agent") == "Microsoft-Azure-Application-LB/AGC"
            assert seen.header("x-gateway-authorization") is None
            assert seen.header("authorization") is None


async def test_health_is_asked_for_at_another_port() -> None:
    """HealthCheckPolicy.port: of the same endpoints."""
    async with backend_on(name="main") as main, backend_on(name="health") as health:
        health.default = Reply(500, body=b"")
        async with edge_for(checked(served("cart", main), port=health.port)) as here:
            await until(lambda: _is(healthy(here), 0), "unhealthy")
            health.default = Reply(200, body=b"")
            await until(lambda: _is(healthy(here), 1), "healthy")
            assert await status(here) == 200
            assert [one.path for one in main.received] == ["/"]


async def test_probes_over_tls_beside_requests_in_the_clear() -> None:
    """HealthCheckPolicy.useTLS, with a port that speaks TLS; any certificate will do."""
    leaf = Authority().issue("anything.test")
    async with (
        backend_on(name="main") as main,
        backend_on(name="health", tls=leaf.server()) as health,
        edge_for(checked(served("cart", main), port=health.port, tls=True)) as here,
    ):
        await until(lambda: _is(healthy(here), 1), "healthy")
        assert await status(here) == 200
        assert health.received


async def test_probes_in_the_clear_beside_requests_over_tls() -> None:
    """A port of its own for probes speaks no TLS unless the policy says so."""
    authority = Authority()
    async with (
        backend_on(name="main", tls=authority.issue("cart.test").server()) as main,
        backend_on(name="health") as health,
    ):
        probed = checked(served("cart", main), port=health.port, tls=False)
        async with edge_for(replace(probed, tls=BackendTls("cart.test", (authority.pem,)))) as here:
            await until(lambda: _is(healthy(here), 1), "healthy")
            assert await status(here) == 200
            assert health.received


async def test_probes_of_a_tls_backend_are_verified_like_requests() -> None:
    """Who is not whom we mean is not healthy either."""
    authority = Authority()
    async with backend_on(tls=authority.issue("cart.test").server()) as recording:
        for name, count in (("cart.test", 1), ("other.test", 0)):
            cart = replace(checked(served("cart", recording)), tls=BackendTls(name, (authority.pem,)))
            async with edge_for(cart) as here:
                await until(lambda here=here, count=count: _is(healthy(here), count), f"{count} healthy")


async def test_grpc_backends_are_asked_the_grpc_way() -> None:
    """grpc.health.v1."""
    with running_grpc("cart") as server:
        recording = Recording("cart", port=server.port)
        cart = replace(checked(served("cart", recording), GrpcProbe("shop.Cart")), protocol=BackendProtocol.HTTP2)
        async with edge_for(cart) as here:
            await until(lambda: _is(healthy(here), 1), "healthy")
            server.healthy = False
            await until(lambda: _is(healthy(here), 0), "unhealthy")


async def test_a_connection_suffices_for_tcp() -> None:
    """No byte is sent."""
    async with backend_on(tcp_echo) as recording:
        cart = replace(checked(served("cart", recording), TcpProbe()), protocol=BackendProtocol.TCP)
        closed = replace(checked(served("gone", Recording("x", port=1)), TcpProbe()), id=cart.id)
        async with edge_for(cart) as here:
            await until(lambda: _is(healthy(here), 1), "healthy")
            await here.update(world(http(route("all", forward(closed))), backends=(closed,)))
            await until(lambda: _is(healthy(here), 0), "unhealthy")


async def test_a_withdrawn_endpoint_gets_nothing_however_well_it_answers() -> None:
    """Endpoint changes touch endpoints only, and at once."""
    async with backend_on(name="one") as one, backend_on(name="two") as two:
        both, first = (checked(served("cart", *some)) for some in ((one, two), (one,)))
        async with edge_for(both) as here:
            await until(lambda: _is(healthy(here), 2), "both healthy")
            before = here.cache.current
            after = await here.update(world(http(route("all", forward(first))), backends=(first,)))
            assert before is not None
            changed = [name for name, version in after.versions.items() if before.versions.get(name) != version]
            assert [name.type_url.rpartition(".")[2] for name in changed] == ["ClusterLoadAssignment"]
            seen = len(requests(two))
            assert {await status(here) for _ in range(20)} == {200}
            assert len(requests(two)) == seen


async def test_a_new_backend_serves_before_its_first_probe_is_answered() -> None:
    """Neither a start nor a route that turns to a new backend waits for probes, or fails for want of them."""
    async with backend_on(name="old") as old, backend_on(name="new") as new, backend_on(name="health") as health:
        health.default = Reply(hang=True)
        first, second = (
            checked(served(name, one), port=health.port, interval_s=60.0, timeout_s=60.0)
            for name, one in (("cart", old), ("books", new))
        )
        async with edge_for(first) as here:
            assert await status(here) == 200
            await here.update(world(http(route("all", forward(second))), backends=(second,)))
            assert {await status(here) for _ in range(5)} == {200}
            await until(lambda: _is(_has(health, 2), 2), "both are probed all the same")


async def _has(recording: Recording, count: int) -> int:
    return min(count, len(recording.received))


async def test_endpoints_that_are_all_exchanged_lose_next_to_no_request() -> None:
    """The new ones serve before they are probed, as those of a new backend do."""
    async with backend_on(name="one") as one, backend_on(name="two") as two:
        first, second = (checked(served("cart", some), interval_s=60.0) for some in (one, two))
        async with edge_for(first) as here, Client(here.port) as client:
            seen: list[int] = []
            stop = asyncio.Event()

            async def ask() -> None:
                while not stop.is_set():
                    seen.append((await client.get("/")).status)

            asking = asyncio.ensure_future(ask())
            for backend in (second, first, second, first, second):
                await here.update(world(http(route("all", forward(backend))), backends=(backend,)))
            async with asyncio.timeout(30):
                while not requests(two):
                    await status(here)
            stop.set()
            await asking
            # Where new endpoints waited for a probe, hundreds of quick 503s came for each exchange. How many requests
            # meet the moment of the change depends on the machine.
            assert len([one for one in seen if one != 200]) <= len(seen) / 4, seen


async def test_what_a_probe_found_counts() -> None:
    """That Envoy does not gather findings for a second first is in the goldens (`update_merge_window`)."""
    async with backend_on(name="one") as one, backend_on(name="two") as two:
        one.default = two.default = Reply(200, body=b"")
        cart, more = (checked(served("cart", *some)) for some in ((one,), (one, two)))
        async with edge_for(cart) as here:
            await here.update(world(http(route("all", forward(more))), backends=(more,)))
            await until(lambda: _is(_has(two, 1), 1), "the new one is probed")
            async with asyncio.timeout(30):
                while not requests(two):
                    await status(here)
