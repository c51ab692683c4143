"""Which routes a request sees, by its Host header.

Gateway API, HTTPRouteSpec.hostnames: among routes that match a request's host, the one with the longest matching
exact hostname has precedence, then the one with the longest matching wildcard, then the rules for paths and headers
decide. So a virtual host holds the routes of its own hostname first and those of every wildcard around it after them.

Gateway API, Listener: a request belongs to the listener with the most specific hostname, and only that listener's
routes are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, NamedTuple

from tidegate.model import Listener, Route

EVERY_HOST: Final = "*"


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
        owners.setdefault(_hostname(listener), listener)
    return owners


def host_routes(listeners: Sequence[Listener], owners: Mapping[str, Listener] | None = None) -> tuple[HostRoutes, ...]:
    """The virtual hosts of listeners, by hostname. `owners` are all that share their port, if these are not all.

    Each listener has one for its own hostname even without routes, so that its requests never reach another's routes.
    """
    if owners is None:
        owners = owners_of(listeners)
    result: dict[str, HostRoutes] = {}
    for listener in listeners:
        named = _by_hostname(listener)
        wildcards = {name for name, positions in named.items() if positions and name.startswith("*")}
        for hostname, positions in named.items():
            if _owner(hostname, owners) is listener:
                seen = _visible(hostname, named) if wildcards else positions
                result[hostname] = HostRoutes(hostname, listener, tuple([listener.routes[each] for each in seen]))
    return tuple([result[hostname] for hostname in sorted(result)])


def covers(general: str, specific: str) -> bool:
    """Whether every host that `specific` matches is matched by `general` too."""
    if general in (EVERY_HOST, specific):
        return True
    return general.startswith("*.") and specific.removeprefix("*").endswith(general[1:])


def covering(hostname: str) -> Iterator[str]:
    """Every name that covers this one, the most specific first: itself, then the wildcards around it."""
    yield hostname
    if hostname == EVERY_HOST:
        return
    rest = hostname.removeprefix("*.")
    while "." in rest:
        rest = rest.partition(".")[2]
        yield f"*.{rest}"
    yield EVERY_HOST


def _by_hostname(listener: Listener) -> dict[str, list[int]]:
    """Which routes stand under which hostname, as positions in the listener's order; its own hostname always."""
    own = _hostname(listener)
    named: dict[str, list[int]] = {own: []}
    for position, route in enumerate(listener.routes):
        for name in route.hostnames or (own,):
            positions = named.setdefault(name.lower(), [])
            if not positions or positions[-1] != position:
                positions.append(position)
    return named


def _visible(hostname: str, named: Mapping[str, Sequence[int]]) -> Iterable[int]:
    """The routes under every name that covers this one; each once, under its most specific name."""
    return dict.fromkeys(chain.from_iterable(named[name] for name in covering(hostname) if name in named))


def _owner(hostname: str, owners: Mapping[str, Listener]) -> Listener | None:
    """The listener with the most specific hostname; of equal ones the first."""
    if len(owners) == 1 and EVERY_HOST in owners:
        return owners[EVERY_HOST]
    return next((owners[name] for name in covering(hostname) if name in owners), None)


def _hostname(listener: Listener) -> str:
    return (listener.hostname or EVERY_HOST).lower()
