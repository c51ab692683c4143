"""Real Envoy on the ADS socket: what clients of the gateway see while its configuration changes."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from real_envoy import (
    Client,
    Envoy,
    Events,
    Origin,
    control_plane,
    free_port,
    get,
    origin,
    running_envoy,
    socket_folder,
    with_test_secrets,
)
from tidegate.envoy import CLUSTER, LISTENER, ROUTE, SECRET, Snapshot, generic_secret
from tidegate.model import Backend, PathMatch, PathMatchKind, Route
from tidegate.xds import SnapshotCache
from worlds import backend, compiled, forward, http, route, world

pytestmark = pytest.mark.e2e


@dataclass
class Edge:
    """An Envoy in front of two origins, and the control plane that feeds it."""

    cache: SnapshotCache
    events: Events
    envoy: Envoy
    port: int
    a: Origin
    b: Origin

    @property
    def to_a(self) -> Backend:
        return backend("a", self.a.port)

    @property
    def to_b(self) -> Backend:
        return backend("b", self.b.port)

    def snapshot(self, *routes: Route, backends: tuple[Backend, ...] = (), token: str = "one") -> Snapshot:
        this = world(http(*routes), backends=backends)
        snapshot = compiled(this, port_offset=self.port - 80).snapshot
        return snapshot.with_secrets({n: generic_secret(n, f"Bearer {token}") for n in snapshot.external_secrets})

    def sends_to(self, *backends: Backend, token: str = "one") -> Snapshot:
        return self.snapshot(route("all", forward(*backends)), backends=backends, token=token)

    async def serve(self, snapshot: Snapshot) -> None:
        self.cache.publish(snapshot)
        await self.events.until_settled(snapshot)


@asynccontextmanager
async def running_edge() -> AsyncIterator[Edge]:
    with socket_folder() as folder:
        cache = SnapshotCache()
        async with (
            origin("a") as a,
            origin("b") as b,
            control_plane(cache, folder) as events,
            running_envoy(folder) as envoy,
        ):
            yield Edge(cache, events, envoy, free_port(), a, b)


@dataclass
class Load:
    """Requests on kept connections, as fast as they are answered."""

    answers: list[tuple[int, str]] = field(default_factory=list)

    @property
    def failures(self) -> list[tuple[int, str]]:
        return [answer for answer in self.answers if answer[0] != 200]


@asynccontextmanager
async def load(port: int, *, path: str = "/", connections: int = 4) -> AsyncIterator[Load]:
    this = Load()

    async def run(client: Client) -> None:
        while not stop.is_set():
            answer = await client.get(path)
            this.answers.append((answer.status, answer.body))
            await asyncio.sleep(0)
        await client.close()

    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(connections):
            tasks.create_task(run(Client(port)))
        try:
            yield this
        finally:
            stop.set()


async def until(condition: Callable[[], bool], *, what: str) -> None:
    """Let other tasks run until the condition holds."""
    try:
        async with asyncio.timeout(60):
            while not condition():
                await asyncio.sleep(0.001)
    except TimeoutError:
        pytest.fail(f"not within 20 s: {what}")


async def test_a_change_is_live_without_a_failed_request() -> None:
    """40 changes of a route between two backends under load; clusters come and go with it."""
    async with running_edge() as edge:
        snapshots = (edge.sends_to(edge.to_a), edge.sends_to(edge.to_b))
        await edge.serve(snapshots[0])
        async with load(edge.port) as traffic:
            for turn in range(1, 41):
                edge.cache.publish(snapshots[turn % 2])
                seen = len(traffic.answers)
                await until(
                    lambda seen=seen, turn=turn: (200, "ab"[turn % 2]) in traffic.answers[seen:], what=f"change {turn}"
                )
            await edge.events.until_settled(snapshots[0])
        assert traffic.failures == []
        assert edge.events.refused == []


async def test_an_updated_cluster_is_warm_at_once() -> None:
    """A cluster whose own settings change gets its endpoints again: it must not wait for Envoy's timeout."""
    async with running_edge() as edge:
        before = edge.sends_to(edge.to_a)
        await edge.serve(before)
        cluster = dict(before.resources[CLUSTER]["shop/a:80"])
        for timeout in ("6s", "7s"):
            changed = {**before.resources, CLUSTER: {"shop/a:80": {**cluster, "connect_timeout": timeout}}}
            async with load(edge.port) as traffic:
                await edge.serve(Snapshot.of(changed))
                async with asyncio.timeout(60):
                    while f'"connect_timeout": "{timeout}"' not in await edge.envoy.admin("/config_dump"):
                        pass
                assert "dynamic_warming_clusters" not in await edge.envoy.admin("/config_dump")
            assert traffic.failures == []


async def test_a_refused_route_keeps_the_last_good_one_and_its_backends() -> None:
    """A pattern that RE2 does not know: reported once, traffic goes on, the correction is taken."""
    async with running_edge() as edge:
        await edge.serve(edge.sends_to(edge.to_a))
        bad = edge.snapshot(
            route("bad", forward(edge.to_b), path=PathMatch(PathMatchKind.REGEX, "/orders/(")),
            backends=(edge.to_b,),
        )
        async with load(edge.port) as traffic:
            await edge.serve(bad)
            assert [(one.type_url, one.names) for one in edge.events.refused] == [
                (ROUTE, (f"http/127.0.0.1:{edge.port}",))
            ]
            assert "/orders/(" in edge.events.refused[0].detail
            seen = len(traffic.answers)
            await until(lambda: len(traffic.answers) > seen + 50, what="traffic")
            await edge.serve(edge.sends_to(edge.to_b))
        assert traffic.failures == []
        assert len(edge.events.refused) == 1
        assert (await get(edge.port, "/")).body == "b"


async def test_a_refused_listener_does_not_hold_up_the_others() -> None:
    """A port that is taken: Envoy says so by name, the other listener serves."""
    async with running_edge() as edge:
        taken = edge.a.port
        this = world(
            http(route("all", forward(edge.to_a))),
            http(route("all", forward(edge.to_a)), name="taken", port=taken - edge.port + 80),
            backends=(edge.to_a,),
        )
        snapshot = with_test_secrets(compiled(this, port_offset=edge.port - 80).snapshot)
        await edge.serve(snapshot)
        assert [(one.type_url, one.names) for one in edge.events.refused] == [(LISTENER, (f"127.0.0.1:{taken}",))]
        assert (await get(edge.port, "/")).body == "a"


async def test_a_restarted_control_plane_sends_nothing_and_loses_nothing() -> None:
    """The same snapshot after a restart: Envoy is not told anything again, and traffic does not notice."""
    with socket_folder() as folder:
        async with origin("a") as a, running_envoy(folder) as envoy:
            edge = Edge(SnapshotCache(), Events(), envoy, free_port(), a, a)
            snapshot = edge.sends_to(edge.to_a)
            async with control_plane(edge.cache, folder) as events:
                edge.cache.publish(snapshot)
                await events.until_settled(snapshot)
            async with load(edge.port) as traffic:
                seen = len(traffic.answers)
                await until(lambda: len(traffic.answers) > seen + 50, what="traffic without a control plane")
                cache = SnapshotCache()
                async with control_plane(cache, folder) as events:
                    cache.publish(edge.sends_to(edge.to_a))
                    await events.until_settled(snapshot)
                    assert events.accepted == []
                    seen = len(traffic.answers)
                    await until(lambda: len(traffic.answers) > seen + 50, what="traffic after the restart")
            assert traffic.failures == []


async def test_a_rotated_secret_is_used_without_touching_anything_else() -> None:
    """The gateway's proof is renewed: only the secret is sent."""
    async with running_edge() as edge:
        await edge.serve(edge.sends_to(edge.to_a, token="first"))
        await get(edge.port, "/", ("X-Gateway-Authorization", "Bearer forged"))
        assert edge.a.headers("x-gateway-authorization") == ["Bearer first"]
        edge.events.accepted.clear()
        await edge.serve(edge.sends_to(edge.to_a, token="second"))
        assert [(one.type_url, one.names) for one in edge.events.accepted] == [(SECRET, ("proof/a.shop.svc",))]
        await get(edge.port, "/")
        assert edge.a.headers("x-gateway-authorization") == ["Bearer second"]


async def test_the_socket_is_for_its_owner_only() -> None:
    """Whoever can connect gets every secret."""
    with socket_folder() as folder:
        async with control_plane(SnapshotCache(), folder):
            assert stat.S_IMODE((folder / "ads.sock").stat().st_mode) == 0o600
