"""What Envoy refused, on the user's own line."""

from __future__ import annotations

import pytest

from tidegate.envoy import CLUSTER, LISTENER, ROUTE
from tidegate.model import PathMatch, PathMatchKind
from tidegate.xds import Refused, explain_nack
from tidegate.xds.nack import culprits
from worlds import compiled, forward, http, route, world


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ("Error adding/updating cluster(s) shop/a:80: bad thing", ("shop/a:80",)),
        ("Error adding/updating cluster(s) shop/a:80: x, shop/b:80: y", ("shop/a:80", "shop/b:80")),
        ("Error adding/updating listener(s) 127.0.0.1:8080: cannot bind '127.0.0.1:8080': in use", ("127.0.0.1:8080",)),
        ("Error adding/updating cluster(s) other/shop/a:80: bad", ()),
        ("Error adding/updating cluster(s) shop/a:8000: bad", ()),
        ("Proto constraint validation failed", ()),
    ],
)
def test_the_resources_that_a_detail_names_are_found(detail: str, expected: tuple[str, ...]) -> None:
    """Whole names only."""
    assert culprits(detail, ("shop/a:80", "shop/b:80", "127.0.0.1:8080")) == expected


def test_a_refused_route_is_shown_on_its_own_line() -> None:
    """Envoy quotes the pattern; the route that has it is the culprit, not its listener."""
    bad = route("bad", forward(None), path=PathMatch(PathMatchKind.REGEX, "/orders/("), line=18)
    result = compiled(world(http(route("good", forward(None), path="/", line=9), bad)))
    (diagnostic,) = explain_nack(
        Refused(ROUTE, ("http/127.0.0.1:8080",), "missing ): /orders/(", "94711436f2f1aa"),
        node_id="edge-7f9c",
        source_map=result.source_map,
        resources=result.snapshot.resources,
    )
    assert diagnostic.concise() == (
        "shop.yaml:18:1: error[TG5101] envoy-rejected-config: Envoy edge-7f9c refused route `shop/bad#0.0`"
    )
    assert diagnostic.notes == (
        "Envoy said: missing ): /orders/(",
        "edge-7f9c keeps serving the last good version; version 94711436f2f1 of this was not applied",
    )


def test_a_refused_resource_is_shown_where_it_came_from() -> None:
    """A listener at the listener; all of them, if there are several."""
    result = compiled(world(http(), http(name="other", port=81)))
    found = explain_nack(
        Refused(LISTENER, ("127.0.0.1:8080", "127.0.0.1:8081"), "in use", "v"),
        node_id="edge",
        source_map=result.source_map,
        resources=result.snapshot.resources,
    )
    assert [one.concise() for one in found] == [
        "shop.yaml:1:1: error[TG5101] envoy-rejected-config: Envoy edge refused listener `127.0.0.1:8080`",
        "shop.yaml:1:1: error[TG5101] envoy-rejected-config: Envoy edge refused listener `127.0.0.1:8081`",
    ]


def test_a_resource_without_a_place_is_still_shown() -> None:
    """A NACK is never dropped."""
    (one,) = explain_nack(Refused(CLUSTER, (), "whatever", "v"), node_id="edge", source_map={}, resources={})
    assert one.span is None
    assert "Envoy said: whatever" in one.notes
