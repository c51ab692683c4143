"""Which hosts a listener and a route have in common."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.manifests.hostnames import intersect
from tidegate.model.hostnames import covers

HOSTS = st.sampled_from(
    ["example.com", "*.example.com", "a.example.com", "*.a.example.com", "b.a.example.com", "example.org", "*.org"]
)


@pytest.mark.parametrize(
    ("listener", "route", "met"),
    [
        (None, [], ()),
        (None, ["a.example.com"], ("a.example.com",)),
        ("a.example.com", [], ("a.example.com",)),
        ("*.example.com", ["a.example.com", "b.a.example.com"], ("a.example.com", "b.a.example.com")),
        ("a.example.com", ["*.example.com"], ("a.example.com",)),
        ("*.example.com", ["*.a.example.com", "*.com"], ("*.a.example.com", "*.example.com")),
        ("*.example.com", ["example.com"], None),
        ("example.com", ["*.example.com"], None),
        ("*.example.com", ["badexample.com"], None),
    ],
)
def test_intersection(listener: str | None, route: list[str], met: tuple[str, ...] | None) -> None:
    """As HTTPRouteSpec.hostnames tells it; a wildcard stands for at least one label."""
    assert intersect(listener, route) == met


@given(HOSTS, HOSTS)
def test_what_is_met_lies_in_both(listener: str, route: str) -> None:
    """The hosts at which two patterns meet are hosts of each of them, whichever of them asks."""
    met = intersect(listener, [route])
    assert met == intersect(route, [listener])
    for host in met or ():
        assert covers(listener, host)
        assert covers(route, host)
