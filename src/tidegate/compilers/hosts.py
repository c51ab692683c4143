"""Which routes a request sees, by its Host header.

Gateway API, HTTPRouteSpec.hostnames: among routes that match a request's host, the one with the longest matching
exact hostname has precedence, then the one with the longest matching wildcard, then the rules for paths and headers
decide. So a virtual host holds the routes of its own hostname first and those of every wildcard around it after them.

Gateway API, Listener: a request belongs to the listener with the most specific hostname, and only that listener's
routes are looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from tidegate.model import Listener, Route
from tidegate.model.hostnames import EVERY_HOST, covering


class HostRoutes(NamedTuple):
    """One hostname of one listener with the routes that its requests see, in order of precedence."""

    hostname: str
    """`example.com`, `*.example.com` or `*`."""
    listener: Listener
    routes: tuple[Route, ...]


def owners_of(listeners: Iterable[Listener]) -> dict[str, Listener]:
    """The listeners of a port by hostname; of several with one hostname, the first."""
    owners: dict[str, Listener] = {}
    for listener in listeners:
        owners.setdefault(own_hostname(listener), listener)
    return owners


def host_routes(listeners: Sequence[Listener], owners: Mapping[str, Listener] | None = None) -> tuple[HostRoutes, ...]:
    """The virtual hosts of listeners, by hostname. `owners` are all that share their port, if these are not all.

    Each listener has one for its own hostname even without routes, so that its requests never reach another's routes.
    """
    if owners is None:
        owners = owners_of(listeners)
    result: dict[str, HostRoutes] = {}
    for listener in listeners:
        named = by_hostname(listener)
        for hostname in named:
            if owner(hostname, owners) is listener:
                result[hostname] = HostRoutes(hostname, listener, visible(hostname, named))
    return tuple([result[hostname] for hostname in sorted(result)])


def by_hostname(listener: Listener) -> dict[str, list[Route]]:
    """Which routes stand under which hostname, in the listener's order; under its own hostname perhaps none."""
    own = own_hostname(listener)
    named: dict[str, list[Route]] = {own: []}
    for route in listener.routes:
        for name in hostnames(route, listener):
            named.setdefault(name, []).append(route)
    return named


def hostnames(route: Route, listener: Listener) -> Collection[str]:
    """A route's hostnames at a listener, each once, in lower case."""
    if not route.hostnames:
        return (own_hostname(listener),)
    if len(route.hostnames) == 1:
        return (route.hostnames[0].lower(),)
    return dict.fromkeys([name.lower() for name in route.hostnames])


def visible(hostname: str, named: Mapping[str, Sequence[Route]]) -> tuple[Route, ...]:
    """The routes under every name that covers this one; each once, under its most specific name."""
    groups = [named[name] for name in covering(hostname) if name in named]
    if len(groups) == 1:
        return tuple(groups[0])
    return tuple({id(route): route for route in chain.from_iterable(groups)}.values())


def owner(hostname: str, owners: Mapping[str, Listener]) -> Listener | None:
    """Whose a Host, a server name (SNI) or a wildcard is: the listener with the most specific hostname, exact, then the
    longest wildcard around it, then the one for every host (Gateway API, Listener); None: nobody's."""
    return next((owners[name] for name in covering(hostname.lower()) if name in owners), None)


def own_hostname(listener: Listener) -> str:
    """The listener's hostname in lower case; `*` for every host."""
    return (listener.hostname or EVERY_HOST).lower()
