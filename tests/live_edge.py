"""A world of the model on a running Envoy, in front of recording backends: for tests of what its resources do.

How to use it::

    async with backend_on(http1) as cart, edge(http(route("all", forward(served("cart", cart)))), ...) as here:
        answer = await get(here.port, "/")
        await here.update(world(...))
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from real_envoy import Envoy, Events, control_plane, free_port, running_envoy, socket_folder, with_test_secrets
from recording_backends import Backend as Recording
from recording_backends import Talk, http1, start
from tidegate.envoy import Snapshot
from tidegate.model import Backend, Listener, World
from tidegate.xds import SnapshotCache
from worlds import backend, compiled, world

T = TypeVar("T")

_PATIENCE_S = 15.0
_EVERY_S = 0.02


@dataclass
class Edge:
    """An Envoy that serves a world; listeners on port 80 are reached at `port`."""

    port: int
    envoy: Envoy
    cache: SnapshotCache
    events: Events
    choices: dict[str, Any] = field(default_factory=dict)

    def at(self, port: int) -> int:
        """Where a listener's port is reached."""
        return self.port - 80 + port

    async def update(self, this: World) -> Snapshot:
        """Serve another world; returns when Envoy has all of it."""
        snapshot = with_test_secrets(compiled(this, port_offset=self.port - 80, **self.choices).snapshot)
        self.events.refused.clear()
        self.cache.publish(snapshot)
        await self.events.until_settled(snapshot)
        assert not self.events.refused, self.events.refused
        return snapshot

    async def statistic(self, name: str) -> int:
        """One of Envoy's numbers; 0 if it has none of this name."""
        text = await self.envoy.admin("/stats")
        return next((int(line.rpartition(": ")[2]) for line in text.splitlines() if line.startswith(f"{name}: ")), 0)


def _free_ports(count: int = 5) -> int:
    """The first of some ports in a row that are free on loopback."""
    while True:
        first = free_port()
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for number in range(first, first + count):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", number))
            return first


@asynccontextmanager
async def edge(*listeners: Listener, backends: tuple[Backend, ...] = (), **choices: Any) -> AsyncIterator[Edge]:
    """Run an Envoy with these listeners."""
    with socket_folder() as folder:
        cache = SnapshotCache()
        async with control_plane(cache, folder) as events, running_envoy(folder) as envoy:
            here = Edge(_free_ports(), envoy, cache, events, choices)
            await here.update(world(*listeners, backends=backends))
            yield here


@asynccontextmanager
async def backend_on(
    talk: Talk = http1, name: str = "backend", *, tls: ssl.SSLContext | None = None, port: int = 0
) -> AsyncIterator[Recording]:
    """A recording backend in this event loop."""
    recording = Recording(name, port=port)
    stop = await start(recording, talk, tls=tls)
    try:
        yield recording
    finally:
        await stop()


def served(name: str, *recordings: Recording, **more: Any) -> Backend:
    """Service shop/NAME, whose endpoints are these; `more` are fields of the model's Backend."""
    return replace(backend(name, *(one.port for one in recordings)), **more)


async def until(condition: Callable[[], Awaitable[T]], what: str) -> T:
    """Ask again and again until the answer is true."""
    last: Any = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            while not (last := await condition()):
                await asyncio.sleep(_EVERY_S)
            return last
    raise AssertionError(f"in vain: {what} (last: {last!r})")
