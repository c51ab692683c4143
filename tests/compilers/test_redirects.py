"""Real Envoy: where redirects lead."""

from __future__ import annotations

from typing import Any

import pytest

from edges import edge
from real_envoy import Client
from tidegate.compilers.routes import compile_route
from tidegate.model import HeaderChange, HeaderChanges, PathMatch, PathMatchKind, Redirect
from worlds import route

pytestmark = pytest.mark.e2e

EXACT = PathMatch(PathMatchKind.EXACT, "/exact")

# What is asked of path /a/b?c=d, the Host header, where it leads.
LOCATIONS: list[tuple[dict[str, Any], str, str]] = [
    # The scheme's own port goes without saying, whatever port the request came by.
    ({"scheme": "https"}, "s.test", "https://s.test/a/b?c=d"),
    ({"scheme": "https"}, "s.test:8080", "https://s.test/a/b?c=d"),
    ({"scheme": "https", "port": 443}, "s.test:8080", "https://s.test/a/b?c=d"),
    ({"scheme": "https", "port": 443}, "[::1]:8080", "https://[::1]/a/b?c=d"),
    ({"scheme": "https", "port": 80}, "s.test", "https://s.test:80/a/b?c=d"),
    ({"scheme": "http", "port": 80}, "s.test:8080", "http://s.test/a/b?c=d"),
    ({"scheme": "https", "hostname": "o.test", "port": 443}, "s.test:8080", "https://o.test/a/b?c=d"),
    # A port that is said is said, as the specification counts.
    ({"port": 8443}, "s.test", "http://s.test:8443/a/b?c=d"),
    ({"port": 8443}, "s.test:8080", "http://s.test:8443/a/b?c=d"),
    ({"scheme": "https", "port": 8443}, "s.test:8080", "https://s.test:8443/a/b?c=d"),
    ({"port": 80}, "s.test:8080", "http://s.test/a/b?c=d"),
    ({"port": 443}, "s.test", "http://s.test:443/a/b?c=d"),
    ({"hostname": "o.test", "port": 8443}, "s.test", "http://o.test:8443/a/b?c=d"),
    # The listener's port: whoever came by another stays there.
    ({"port": 80, "keeps_port": True}, "s.test", "http://s.test/a/b?c=d"),
    ({"port": 80, "keeps_port": True}, "s.test:8080", "http://s.test:8080/a/b?c=d"),
    ({"port": 8080, "keeps_port": True}, "s.test", "http://s.test:8080/a/b?c=d"),
    ({"port": 8080, "keeps_port": True}, "s.test:16080", "http://s.test:16080/a/b?c=d"),
    ({"port": 80, "keeps_port": True, "hostname": "o.test"}, "s.test", "http://o.test/a/b?c=d"),
    ({"port": 80, "keeps_port": True, "hostname": "o.test"}, "s.test:8080", "http://o.test:8080/a/b?c=d"),
    ({"port": 8080, "keeps_port": True, "hostname": "o.test"}, "s.test", "http://o.test:8080/a/b?c=d"),
    ({"port": 8080, "keeps_port": True, "hostname": "o.test"}, "[::1]:16080", "http://o.test:16080/a/b?c=d"),
    ({}, "s.test:8080", "http://s.test:8080/a/b?c=d"),
    # Paths.
    ({"replace_path": "/new"}, "s.test", "http://s.test/new?c=d"),
    ({"replace_path": ""}, "s.test", "http://s.test/?c=d"),
    ({"replace_path": "/100%"}, "s.test", "http://s.test/100%?c=d"),
    ({"scheme": "https", "replace_prefix": "/new"}, "s.test:8080", "https://s.test/new/b?c=d"),
]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_every_status(status: int) -> None:
    """Those of the specification; the answer has no body."""
    async with edge(route("all", Redirect(scheme="https", status=status))) as port, Client(port) as client:
        answer = await client.get("/a?b")
        assert (answer.status, answer.headers["location"], answer.body) == (status, "https://gateway.test/a?b", "")


async def test_locations() -> None:
    """What is not named stays as it is."""
    routes = [
        route(f"r{i}", Redirect(**given), path="/a", headers={"x-case": str(i)})
        for i, (given, _, _) in enumerate(LOCATIONS)
    ]
    async with edge(*routes) as port, Client(port) as client:
        for i, (given, host, location) in enumerate(LOCATIONS):
            answer = await client.get("/a/b?c=d", ("x-case", str(i)), host=host)
            assert (answer.status, answer.headers["location"]) == (302, location), (given, host)


# The table of HTTPPathModifier.replacePrefixMatch, and what follows from it.
PREFIXES = [
    ("/foo/bar", "/foo", "/xyz", "/xyz/bar"),
    ("/foo/bar", "/foo", "/xyz/", "/xyz/bar"),
    ("/foo/bar", "/foo/", "/xyz", "/xyz/bar"),
    ("/foo/bar", "/foo/", "/xyz/", "/xyz/bar"),
    ("/foo", "/foo", "/xyz", "/xyz"),
    ("/foo/", "/foo", "/xyz", "/xyz/"),
    ("/foo/bar", "/foo", "", "/bar"),
    ("/foo/bar", "/foo", "/", "/bar"),
    ("/foo/", "/foo", "", "/"),
    ("/foo/", "/foo", "/", "/"),
    ("/foo", "/foo", "", "/"),
    ("/foo", "/foo", "/", "/"),
    ("/bar", "/", "/xyz", "/xyz/bar"),
    ("/bar", "/", "/", "/bar"),
    ("/a.b/c", "/a.b", r"/x$1\1", r"/x$1\1/c"),
]


async def test_prefixes() -> None:
    """By path element; the query is no part of it."""
    routes = [
        route(f"r{i}", Redirect(replace_prefix=replacement), path=match, headers={"x-case": str(i)})
        for i, (_, match, replacement, _) in enumerate(PREFIXES)
    ]
    exact = route("exact", Redirect(replace_prefix="/new"), path=EXACT)
    async with edge(*routes, exact) as port, Client(port) as client:
        for i, (path, _, _, expected) in enumerate(PREFIXES):
            answer = await client.get(f"{path}?q=/foo", ("x-case", str(i)))
            assert answer.headers["location"] == f"http://gateway.test{expected}?q=/foo", PREFIXES[i]
        assert (await client.get("/exact")).headers["location"] == "http://gateway.test/new"


async def test_response_headers_of_a_redirect_change() -> None:
    """Also Location: the user has the last word."""
    changes = HeaderChanges(set=(HeaderChange("x-by", "edge"),), remove=("x-none",))
    moved = HeaderChanges(set=(HeaderChange("location", "https://fixed.test/"),))
    async with (
        edge(
            route("one", Redirect(scheme="https"), path="/one", response_headers=changes),
            route("two", Redirect(scheme="https"), path="/two", response_headers=moved),
        ) as port,
        Client(port) as client,
    ):
        one = await client.get("/one")
        assert (one.headers["x-by"], one.headers["location"]) == ("edge", "https://gateway.test/one")
        assert (await client.get("/two")).headers["location"] == "https://fixed.test/"


def test_a_pattern_has_no_prefix_to_replace() -> None:
    """Readers refuse it; here it is our mistake."""
    odd = route("odd", Redirect(replace_prefix="/v1"), path=PathMatch(PathMatchKind.REGEX, "/a.*"))
    with pytest.raises(ValueError, match=r"shop/odd#0\.0: replace_prefix has no prefix"):
        compile_route(odd, {})
