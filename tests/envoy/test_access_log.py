"""Real Envoy: one JSON line a request, without what must not be logged."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from real_envoy import Envoy, free_port, get, serving
from tidegate.model import Respond
from worlds import compiled, http, route, world


async def lines(envoy: Envoy) -> list[dict[str, Any]]:
    """What was logged, as soon as anything was: Envoy buffers for up to a second."""
    async with asyncio.timeout(20):
        while '"event"' not in envoy.log:
            await asyncio.sleep(0.01)
    return [json.loads(line) for line in envoy.log.splitlines() if line.startswith("{")]


@pytest.mark.e2e
async def test_a_line_tells_the_route_and_no_query() -> None:
    """Queries carry tokens and keys."""
    port = free_port()
    this = world(http(route("cart", Respond(200, "{}"), path="/cart")))
    async with serving(compiled(this, port_offset=port - 80, log_requests=True).snapshot) as envoy:
        await get(port, "/cart/7?code=secret", ("Authorization", "Bearer secret"))
        (line,) = await lines(envoy)
        assert "secret" not in envoy.log
    assert (line["event"], line["method"], line["path"], line["status"]) == (
        "gateway.request.served",
        "GET",
        "/cart/7",
        200,
    )
    assert (line["route"], line["client"], line["host"]) == ("shop/cart#0.0", "127.0.0.1", "gateway.test")
    assert isinstance(line["duration_ms"], int)


@pytest.mark.e2e
async def test_nothing_is_logged_unless_asked_for() -> None:
    port = free_port()
    async with serving(compiled(world(http(route("all", Respond(200)))), port_offset=port - 80).snapshot) as envoy:
        await get(port, "/")
        assert "access_loggers.stdout" not in await envoy.admin("/config_dump?resource=dynamic_listeners")
