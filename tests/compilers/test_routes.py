"""Real Envoy: what a route of the model does to a request."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from real_envoy import Client, Origin, free_port, get, origin, serving
from tidegate.compilers.routes import compile_route
from tidegate.model import HeaderChange, HeaderChanges, PathMatch, PathMatchKind, Respond
from worlds import backend, compiled, forward, http, route, world

pytestmark = pytest.mark.e2e


@asynccontextmanager
async def edge(**routes: dict[str, Any]) -> AsyncIterator[tuple[int, Origin]]:
    """Routes to one origin, by name."""
    async with origin("a") as a:
        to = backend("a", a.port)
        port = free_port()
        made = [
            route(
                name,
                forward(to, **{k: given.pop(k) for k in ("replace_prefix", "matched_prefix", "host") if k in given}),
                **given,
            )
            for name, given in routes.items()
        ]
        async with serving(compiled(world(http(*made), backends=(to,)), port_offset=port - 80).snapshot):
            yield port, a


async def test_the_first_route_that_matches_wins() -> None:
    """Path by element, method, headers, in the order given."""
    this = world(
        http(
            route("exact", Respond(201), path=PathMatch(PathMatchKind.EXACT, "/a/b")),
            route("any-case", Respond(202), path=PathMatch(PathMatchKind.EXACT, "/Case", ignore_case=True)),
            route("regex", Respond(203), path=PathMatch(PathMatchKind.REGEX, "/r/[0-9]+")),
            route("regex-any-case", Respond(205), path=PathMatch(PathMatchKind.REGEX, "/q/[a-f]+", ignore_case=True)),
            route("header", Respond(206), path="/a", headers={"x-v": "2"}),
            route("method", Respond(207), path="/a", method="DELETE"),
            route("prefix", Respond(208), path="/a"),
        )
    )
    port = free_port()
    async with serving(compiled(this, port_offset=port - 80).snapshot), Client(port) as client:
        assert (await client.get("/a/b")).status == 201
        assert (await client.get("/a/b?c=d")).status == 201
        assert (await client.get("/a/b/")).status == 208
        assert (await client.get("/CASE")).status == 202
        assert (await client.get("/r/12")).status == 203
        assert (await client.get("/r/12/x")).status == 404
        assert (await client.get("/Q/AbC")).status == 205
        assert (await client.get("/a", ("X-V", "2"))).status == 206
        assert (await client.get("/a", ("X-V", "22"))).status == 208
        assert (await client.get("/a", method="DELETE")).status == 207
        assert (await client.get("/ab")).status == 404


async def test_hosts_are_told_apart() -> None:
    """Exact before wildcard before any; the port and the case do not matter."""
    this = world(
        http(
            route("any", Respond(201)),
            route("wildcard", Respond(202), hosts=("*.example.com",)),
            route("exact", Respond(203), hosts=("shop.example.com",), path="/a"),
        )
    )
    port = free_port()
    async with serving(compiled(this, port_offset=port - 80).snapshot), Client(port) as client:
        for host, path, status in (
            ("other.test", "/", 201),
            ("example.com", "/", 201),
            ("www.example.com", "/", 202),
            ("a.b.example.com:80", "/", 202),
            ("SHOP.example.com:8080", "/a", 203),
            ("shop.example.com.", "/a", 203),
            ("shop.example.com", "/b", 202),
        ):
            assert (await client.get(path, host=host)).status == status, host + path


async def test_shares_go_by_weight_and_a_missing_backend_answers_500() -> None:
    """One in four of the requests, more or less."""
    async with origin("a") as a, origin("b") as b:
        first, second = backend("a", a.port), backend("b", b.port)
        this = world(http(route("all", forward(first, second, None, weights=(2, 1, 1)))), backends=(first, second))
        port = free_port()
        async with serving(compiled(this, port_offset=port - 80).snapshot), Client(port) as client:
            seen = Counter([(await client.get("/")).status for _ in range(400)])
        assert set(seen) == {200, 500}
        assert 60 < seen[500] < 140
        assert len(a.requests) > len(b.requests) > 50


async def test_headers_are_changed_on_the_way_in_and_out() -> None:
    """Set replaces, add keeps what is there, remove deletes; values are taken literally."""
    changes = HeaderChanges(
        set=(HeaderChange("X-Set", "100%"), HeaderChange("Host", "inside.test")),
        add=(HeaderChange("X-Add", "b"),),
        remove=("X-Remove",),
    )
    out = HeaderChanges(set=(HeaderChange("Server", "mine"),), add=(HeaderChange("X-Out", "1"),))
    async with edge(all={"request_headers": changes, "response_headers": out}) as (port, a):
        answer = await get(port, "/", ("X-Set", "a"), ("X-Add", "a"), ("X-Remove", "a"))
        assert a.headers("x-set") == ["100%"]
        assert a.headers("x-add") == ["a", "b"]
        assert a.headers("x-remove") == []
        assert a.headers("host") == ["inside.test"]
        assert (answer.headers["server"], answer.headers["x-out"]) == ("mine", "1")


@pytest.mark.parametrize(
    ("given", "sent", "seen"),
    [
        ({"path": "/shop", "replace_prefix": "/v1"}, "/shop/items?a=/shop", "/v1/items?a=/shop"),
        ({"path": "/shop", "replace_prefix": "/v1"}, "/shop", "/v1"),
        ({"path": "/shop", "replace_prefix": "/"}, "/shop/items", "/items"),
        ({"path": "/shop", "replace_prefix": "/"}, "/shop?a", "/?a"),
        ({"path": "/", "replace_prefix": "/v1"}, "/items", "/v1/items"),
        (
            {
                "path": PathMatch(PathMatchKind.REGEX, "/api/items/[^/]+", ignore_case=True),
                "matched_prefix": "/api",
                "replace_prefix": "/v1",
            },
            "/API/Items/api",
            "/v1/Items/api",
        ),
        (
            {"path": PathMatch(PathMatchKind.EXACT, "/api/items"), "matched_prefix": "/api", "replace_prefix": ""},
            "/api/items?x",
            "/items?x",
        ),
    ],
)
async def test_an_apis_path_becomes_its_services_path(given: dict[str, Any], sent: str, seen: str) -> None:
    """The query stays as it is; there is never a double slash."""
    async with edge(all={**given, "host": "inside.test"}) as (port, a):
        assert (await get(port, sent)).status == 200
        assert a.requests[-1][0] == f"GET {seen} HTTP/1.1"
        assert a.headers("host") == ["inside.test"]


def test_a_rewrite_without_a_prefix_is_our_mistake() -> None:
    """A pattern has no prefix of its own."""
    odd = route("odd", forward(None, replace_prefix="/v1"), path=PathMatch(PathMatchKind.REGEX, "/a.*"))
    with pytest.raises(ValueError, match=r"shop/odd#0\.0: replace_prefix needs matched_prefix"):
        compile_route(odd, {})
