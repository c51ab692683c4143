"""Real Envoy: how requests are spread, and what bounds them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest

from live_edge import Edge, backend_on, edge, served, until
from real_envoy import Client, get
from recording_backends import Backend as Recording
from recording_backends import Reply
from tidegate.model import (
    Backend,
    CircuitBreaker,
    CookieHash,
    LoadAware,
    LoadBalancing,
    LoadBalancingStrategy,
    SlowStart,
)
from worlds import forward, http, route, world

pytestmark = pytest.mark.e2e

RING = LoadBalancing(LoadBalancingStrategy.RING_HASH)


def edge_for(backend: Backend, **more: Any) -> Any:
    return edge(http(route("all", forward(backend, **more))), backends=(backend,))


async def answers(here: Edge, count: int, *headers: tuple[str, str]) -> Counter[str]:
    """Which backends answered."""
    async with Client(here.port) as client:
        return Counter([(await client.get("/", *headers)).body for _ in range(count)])


def named(recording: Recording, **more: Any) -> Recording:
    recording.default = Reply(200, body=recording.name.encode(), **more)
    return recording


@pytest.mark.parametrize(
    "policy",
    [
        None,
        LoadBalancing(LoadBalancingStrategy.ROUND_ROBIN),
        LoadBalancing(LoadBalancingStrategy.ROUND_ROBIN, SlowStart(0.1, aggression=2.0, start_weight_percent=5)),
        LoadBalancing(LoadBalancingStrategy.LEAST_REQUEST),
        LoadBalancing(LoadBalancingStrategy.LEAST_REQUEST, SlowStart(0.1)),
        LoadBalancing(LoadBalancingStrategy.LOAD_AWARE, SlowStart(0.1)),
        RING,
    ],
)
async def test_every_strategy_is_taken_and_reaches_every_endpoint(policy: LoadBalancing | None) -> None:
    """Also before any load was reported, and without a cookie to hash."""
    async with backend_on(name="one") as one, backend_on(name="two") as two:
        cart = served("cart", named(one), named(two), load_balancing=policy)
        async with edge_for(cart) as here:
            said = await answers(here, 60)
            assert said.keys() == {"one", "two"}
            assert min(said.values()) > 10


async def test_equal_cookies_go_to_the_same_endpoint_also_when_others_come() -> None:
    """RoutePolicy.sessionAffinity: most sessions stay where they are when endpoints change, and only those change."""
    async with backend_on(name="one") as one, backend_on(name="two") as two, backend_on(name="three") as three:
        cart, more = (
            served("cart", *map(named, some), load_balancing=RING) for some in ((one, two), (one, two, three))
        )
        affinity = CookieHash("sid")
        async with edge_for(cart, affinity=affinity) as here:

            async def where(session: int) -> str:
                said = await answers(here, 3, ("cookie", f"sid={session}"))
                assert len(said) == 1
                return next(iter(said))

            before = [await where(session) for session in range(40)]
            assert set(before) == {"one", "two"}
            first = here.cache.current
            after = await here.update(world(http(route("all", forward(more, affinity=affinity))), backends=(more,)))
            assert first is not None
            changed = {name.type_url for name, version in after.versions.items() if first.versions.get(name) != version}
            assert [one.rpartition(".")[2] for one in changed] == ["ClusterLoadAssignment"]
            moved = [was for was, now in zip(before, [await where(s) for s in range(40)], strict=True) if was != now]
            assert 0 < len(moved) < 30


@pytest.mark.parametrize(
    ("busy", "idle", "metrics"),
    [
        ("TEXT cpu_utilization=0.9,rps_fractional=100", "TEXT cpu_utilization=0.1,rps_fractional=100", ()),
        (
            'JSON {"rps_fractional": 100, "named_metrics": {"queue": 0.9}}',
            'JSON {"rps_fractional": 100, "named_metrics": {"queue": 0.1}}',
            ("named_metrics.queue",),
        ),
    ],
)
async def test_who_reports_less_load_gets_more(busy: str, idle: str, metrics: tuple[str, ...]) -> None:
    """ORCA in `endpoint-load-metrics`; weights are requests per second by utilisation."""
    policy = LoadBalancing(
        LoadBalancingStrategy.LOAD_AWARE, load_aware=LoadAware(blackout_period_s=0.0, named_metrics=metrics)
    )
    async with backend_on(name="busy") as one, backend_on(name="idle") as two:
        named(one, headers=(("endpoint-load-metrics", busy),))
        named(two, headers=(("endpoint-load-metrics", idle),))
        async with edge_for(served("cart", one, two, load_balancing=policy)) as here:
            await answers(here, 20)

            async def leans() -> bool:
                said = await answers(here, 50)
                return said["idle"] > 4 * said["busy"]

            await until(leans, "the idle one gets most")


async def test_reports_of_load_are_not_for_clients() -> None:
    """Consumed by the gateway, as AGC does."""
    async with backend_on(name="one") as one:
        named(one, headers=(("endpoint-load-metrics", "TEXT cpu_utilization=0.9"), ("x-other", "stays")))
        async with edge_for(served("cart", one)) as here:
            answer = await get(here.port, "/")
            assert "endpoint-load-metrics" not in answer.headers
            assert answer.headers["x-other"] == "stays"


async def test_what_exceeds_a_bound_is_refused_at_once() -> None:
    """BackendLoadBalancingPolicy.circuitBreaker: the overflow answers 503, the rest is served."""
    async with backend_on(name="slow") as slow:
        slow.default = Reply(hang=True)
        breaker = CircuitBreaker(max_connections=2, max_pending_requests=1, max_requests=2)
        async with edge_for(served("cart", slow, circuit_breaker=breaker)) as here:
            waiting = []
            async with asyncio.TaskGroup() as tasks:
                for served_so_far in (1, 2):
                    waiting.append(tasks.create_task(get(here.port, "/")))
                    await until(lambda n=served_so_far: _has(slow, n), f"{served_so_far} requests arrive")
                waiting.append(tasks.create_task(get(here.port, "/")))
                await until(lambda: _is(here.statistic("http.gateway.downstream_rq_active"), 3), "the third waits")
                refused = [(await get(here.port, "/")).status for _ in range(3)]
                assert refused == [503, 503, 503]
                assert len(slow.received) == 2
                for task in waiting:
                    task.cancel()


async def _has(recording: Recording, count: int) -> bool:
    return len(recording.received) >= count


async def _is(value: Awaitable[int], expected: int) -> bool:
    return await value == expected


async def test_one_client_address_is_one_endpoints() -> None:
    """Service.spec.sessionAffinity ClientIP: also where a route hashes something else, and without any hash policy."""
    policy = replace(RING, by_client_address=True)
    async with backend_on(name="one") as one, backend_on(name="two") as two:
        cart = served("cart", named(one), named(two), load_balancing=policy)
        for affinity in (None, CookieHash("sid")):
            async with edge_for(cart, affinity=affinity) as here:
                said = [await answers(here, 3, ("cookie", f"sid={number}")) for number in range(10)]
                assert len(set(map(frozenset, said))) == 1
