"""Real Envoy: which requests a route of the model matches."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edges import edge
from real_envoy import Client
from tidegate.model import (
    HeaderChange,
    HeaderChanges,
    HeaderMatch,
    PathMatch,
    PathMatchKind,
    QueryMatch,
    Respond,
    Route,
    RouteMatch,
    ValueMatchKind,
)
from worlds import route

pytestmark = pytest.mark.e2e

REGEX = ValueMatchKind.REGEX


def matching(status: int, **match: object) -> Route:
    """Answers with a status of its own."""
    return replace(route(str(status), Respond(status)), match=RouteMatch(**match))  # type: ignore[arg-type]  # a table


async def asked(client: Client, *requests: tuple[str, list[tuple[str, str]]]) -> list[int]:
    """The status of each request."""
    return [(await client.get(path, *headers)).status for path, headers in requests]


async def test_query_parameters() -> None:
    """Exactly, with regard to case, or the whole value by a pattern; the first of several equal names counts."""
    async with (
        edge(
            matching(201, query=(QueryMatch("animal", "whale"), QueryMatch("n", "[0-9]+", REGEX))),
            matching(202, query=(QueryMatch("animal", "dolphin"),)),
            matching(203, query=(QueryMatch("q", "a b&c=d/é"),)),
            matching(204),
        ) as port,
        Client(port) as client,
    ):
        for query, status in (
            ("animal=whale&n=1", 201),
            ("n=22&x=y&animal=whale", 201),
            ("animal=dolphin", 202),
            ("animal=dolphin&animal=whale", 202),
            ("animal=whale&animal=dolphin", 204),
            ("animal=Dolphin", 204),
            ("Animal=dolphin", 204),
            ("animal=dolphins", 204),
            ("animal=whale&n=1a", 204),
            ("animal=whale", 204),
            ("animal", 204),
            ("q=a%20b%26c%3Dd%2F%C3%A9", 203),
            ("q=a+b%26c=d/%c3%a9", 203),
            ("q=a%20b%26c%3dd%2f%c3%a9x", 204),
        ):
            assert (await client.get("/?" + query)).status == status, query


async def test_headers() -> None:
    """All of them must hold; names without regard to case, values with; Host is the request's own."""
    async with (
        edge(
            matching(201, headers=(HeaderMatch("x-color", "blue"), HeaderMatch("x-size", "[0-9]+", REGEX))),
            matching(202, headers=(HeaderMatch("x-color", "green"),)),
            matching(203, headers=(HeaderMatch("host", "shop.test"),)),
            matching(205, headers=(HeaderMatch("host", r"[a-z]+\.example\.com", REGEX),), method="GET"),
            matching(204),
        ) as port,
        Client(port) as client,
    ):
        assert await asked(
            client,
            ("/", [("X-Color", "blue"), ("X-SIZE", "10")]),
            ("/", [("x-color", "blue"), ("x-size", "10a")]),
            ("/", [("x-color", "blue")]),
            ("/", [("x-color", "green")]),
            ("/", [("x-color", "Green")]),
        ) == [201, 204, 204, 202, 204]
        assert (await client.get("/", host="shop.test")).status == 203
        assert (await client.get("/", host="a.example.com")).status == 205
        assert (await client.get("/", host="a.example.com", method="POST")).status == 204


async def test_grpc() -> None:
    """By its content type; a pattern takes the whole path."""
    method = PathMatch(PathMatchKind.REGEX, "/shop[.].*/Get")
    mark = HeaderChanges(set=(HeaderChange("x-matched", "yes"),))
    shop = replace(matching(200, path=method, grpc=True), response_headers=mark)
    async with edge(shop, matching(204)) as port, Client(port) as client:
        for path, content_type, matched in (
            ("/shop.Cart/Get", "application/grpc", True),
            ("/shop.Cart/Get", "application/grpc+proto", True),
            ("/shop.Cart/Get", "application/json", False),
            ("/shop.Cart/Get", "application/grpc-web", False),
            ("/shop.Cart/GetAll", "application/grpc", False),
        ):
            answer = await client.get(path, ("content-type", content_type))
            assert ("x-matched" in answer.headers) is matched, (path, content_type)
