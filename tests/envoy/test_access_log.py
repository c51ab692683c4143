"""Real Envoy: one JSON line a request, without what must not be logged."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from real_envoy import Envoy, free_port, get, origin, serving
from tidegate.model import Respond
from worlds import backend, compiled, forward, http, route, world


async def lines(envoy: Envoy, count: int = 1) -> list[dict[str, Any]]:
    """What was logged, as soon as there is so much: Envoy buffers for up to a second."""
    async with asyncio.timeout(60):
        while envoy.log.count('"event"') < count:
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
async def test_the_path_is_the_clients() -> None:
    """Not what a rewrite made of it, nor what the backend is told; a request that no route sees has one too."""
    port = free_port()
    async with origin("a") as a:
        to = backend("a", a.port)
        this = world(http(route("cart", forward(to, replace_prefix="/v1"), path="/cart")), backends=(to,))
        async with serving(compiled(this, port_offset=port - 80, log_requests=True).snapshot) as envoy:
            await get(port, "/cart/7?code=secret")
            await get(port, "/cart%2f7")
            served, refused = await lines(envoy, 2)
            assert a.requests[-1][0] == "GET /v1/7?code=secret HTTP/1.1"
            assert not [name for name, _ in a.requests[-1][1] if "envoy" in name.lower()]
    assert (served["path"], served["status"]) == ("/cart/7", 200)
    assert (refused["path"].startswith("/cart"), refused["status"]) == (True, 400)


@pytest.mark.e2e
async def test_nothing_is_logged_unless_asked_for() -> None:
    port = free_port()
    async with serving(compiled(world(http(route("all", Respond(200)))), port_offset=port - 80).snapshot) as envoy:
        await get(port, "/")
        assert "access_loggers.stdout" not in await envoy.admin("/config_dump?resource=dynamic_listeners")
