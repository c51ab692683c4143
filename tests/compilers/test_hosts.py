"""Which routes a Host header sees, against the rules applied one by one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.compilers.hosts import HostRoutes, host_routes, owner, owners_of
from tidegate.model import Listener, Respond
from tidegate.model.hostnames import covers
from worlds import http, route

_HOSTS = ("a.test", "b.a.test", "c.b.a.test", "x.test", "other")
_PATTERNS = (None, "*.test", "*.a.test", "*.b.a.test", *_HOSTS)


def _listener(hostname: str | None, routes: list[list[str]]) -> Listener:
    """Routes keep only hostnames that the listener's covers, as attaching them does."""
    own = hostname or "*"
    kept = [[h for h in hosts if covers(own, h)] for hosts in routes]
    made = [
        route(f"{own}-{index}", Respond(200), hosts=tuple(hosts))
        for index, (given_, hosts) in enumerate(zip(routes, kept, strict=True))
        if hosts or not given_
    ]
    return http(*made, hostname=hostname, name=own)


_LISTENERS = st.lists(
    st.builds(
        _listener,
        st.sampled_from(_PATTERNS),
        st.lists(st.lists(st.sampled_from(_PATTERNS[1:]), max_size=2), max_size=3),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda listener: listener.hostname,
)


def _matches(pattern: str, host: str) -> bool:
    return pattern == "*" or pattern == host or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def _longest(patterns: list[str], host: str) -> tuple[bool, int] | None:
    return max(((not p.startswith("*"), len(p)) for p in patterns if _matches(p, host)), default=None)


def _by_the_rules(listeners: list[Listener], host: str) -> list[str]:
    """The listener with the most specific hostname; its routes by their most specific hostname, then as given."""
    ranked = [(_longest([one.hostname or "*"], host), one) for one in listeners]
    matching = [(rank, one) for rank, one in ranked if rank is not None]
    if not matching:
        return []
    _, chosen = max(matching, key=lambda pair: pair[0])
    routes = [(_longest(list(r.hostnames) or [chosen.hostname or "*"], host), r.id) for r in chosen.routes]
    return [name for rank, name in sorted((x for x in routes if x[0]), key=lambda x: x[0] or (), reverse=True)]


def _as_envoy(hosts: tuple[HostRoutes, ...], host: str) -> list[str]:
    """Envoy takes the virtual host with the most specific domain."""
    best = max(
        (h for h in hosts if _matches(h.hostname, host)), key=lambda h: _longest([h.hostname], host), default=None
    )
    return [one.id for one in best.routes] if best else []


@given(_LISTENERS, st.sampled_from(_HOSTS))
def test_virtual_hosts_show_what_the_rules_say(listeners: list[Listener], host: str) -> None:
    """For any listeners, any routes and any Host header."""
    assert _as_envoy(host_routes(listeners), host) == _by_the_rules(listeners, host)


@given(_LISTENERS)
def test_hostnames_are_unique_and_sorted(listeners: list[Listener]) -> None:
    """Envoy refuses a domain that stands in two virtual hosts."""
    names = [host.hostname for host in host_routes(listeners)]
    assert names == sorted(set(names))


def test_hostnames_ignore_case() -> None:
    """RFC 4343."""
    made = host_routes([http(route("r", Respond(200), hosts=("Shop.Example.COM",)))])
    assert [host.hostname for host in made] == ["*", "shop.example.com"]


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("shop.example.com", "exact"),
        ("SHOP.example.com", "exact"),
        ("www.example.com", "wide"),
        ("a.b.example.com", "deep"),
        ("*.b.example.com", "deep"),
        ("*.c.example.com", "wide"),
        ("example.com", "rest"),
        ("*", "rest"),
    ],
)
def test_the_most_specific_listener_owns_a_name(name: str, whose: str) -> None:
    """Exact, then the longest wildcard, then the one for every host; a wildcard never matches the bare domain."""
    listeners = [
        http(name="rest"),
        http(hostname="*.example.com", name="wide"),
        http(hostname="*.b.example.com", name="deep"),
        http(hostname="shop.Example.com", name="exact"),
        http(hostname="shop.example.com", name="second"),
    ]
    found = owner(name, owners_of(listeners))
    assert found is not None
    assert found.name == whose


def test_a_name_may_be_nobodys() -> None:
    assert owner("b.test", owners_of([http(hostname="a.test")])) is None
