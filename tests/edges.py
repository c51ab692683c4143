"""A few routes in front of recording backends, for tests of what compiled routes do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import recording_backends
from real_envoy import free_port, serving
from recording_backends import Backend as Recording
from tidegate.model import Backend, Route
from worlds import backend, compiled, http, world


@asynccontextmanager
async def recording(*names: str) -> AsyncIterator[list[tuple[Recording, Backend]]]:
    """HTTP/1.1 backends, each with its Service port of the same name."""
    async with AsyncExitStack() as stack:
        pairs = []
        for name in names:
            one = Recording(name)
            stack.push_async_callback(await recording_backends.start(one, recording_backends.http1))
            pairs.append((one, backend(name, one.port)))
        yield pairs


@asynccontextmanager
async def edge(*routes: Route, backends: Sequence[Backend] = (), runtime: str = "") -> AsyncIterator[int]:
    """The port at which the routes are served, in this order."""
    port = free_port()
    this = world(http(*routes), backends=tuple(backends))
    async with serving(compiled(this, port_offset=port - 80, runtime=runtime).snapshot):
        yield port


async def until(holds: Callable[[], object], *, timeout_s: float = 10) -> None:
    """Wait for what happens beside a request, such as a mirror's copy. Raises TimeoutError."""
    async with asyncio.timeout(timeout_s):
        while not holds():
            await asyncio.sleep(0.01)
