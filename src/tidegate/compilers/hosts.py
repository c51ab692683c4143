"""Which routes a request sees, by its Host header.

Gateway API, HTTPRouteSpec.hostnames: among routes that match a request's host, the one with the longest matching
exact hostname has precedence, then the one with the longest matching wildcard, then the rules for paths and headers
decide. So a virtual host holds the routes of its own hostname first and those of every wildcard around it after them.

Gateway API, Listener: a request belongs to the listener with the most specific hostname, and only that listener's
routes are looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tidegate.model import Listener, Route

EVERY_HOST: Final = "*"


@dataclass(frozen=True, slots=True)
class HostRoutes:
    """One hostname of one listener with the routes that its requests see, in order of precedence."""

    hostname: str
    """`example.com`, `*.example.com` or `*`."""
    listener: Listener
    routes: tuple[Route, ...]


def host_routes(listeners: Sequence[Listener]) -> tuple[HostRoutes, ...]:
    """The virtual hosts of the listeners that share one port, by hostname.

    Each listener has one for its own hostname even without routes, so that its requests never reach another's routes.
    """
    result: dict[str, HostRoutes] = {}
    for listener in listeners:
        hostnames = {_hostname(listener)} | {name for route in listener.routes for name in _hostnames(route, listener)}
        for hostname in hostnames:
            if _owner(hostname, listeners) is listener:
                result[hostname] = HostRoutes(hostname, listener, _visible(hostname, listener))
    return tuple(result[hostname] for hostname in sorted(result))


def covers(general: str, specific: str) -> bool:
    """Whether every host that `specific` matches is matched by `general` too."""
    if general in (EVERY_HOST, specific):
        return True
    return general.startswith("*.") and specific.removeprefix("*").endswith(general[1:])


def _visible(hostname: str, listener: Listener) -> tuple[Route, ...]:
    ranked: list[tuple[tuple[bool, int], Route]] = []
    for route in listener.routes:
        matching = [name for name in _hostnames(route, listener) if covers(name, hostname)]
        if matching:
            ranked.append((max(map(_specificity, matching)), route))
    # Sorting is stable: within one hostname, the listener's own order of precedence stays.
    ranked.sort(key=lambda pair: pair[0], reverse=True)
    return tuple(route for _, route in ranked)


def _owner(hostname: str, listeners: Sequence[Listener]) -> Listener | None:
    matching = [listener for listener in listeners if covers(_hostname(listener), hostname)]
    return max(matching, key=lambda listener: _specificity(_hostname(listener)), default=None)


def _specificity(hostname: str) -> tuple[bool, int]:
    return (not hostname.startswith("*"), len(hostname))


def _hostname(listener: Listener) -> str:
    return (listener.hostname or EVERY_HOST).lower()


def _hostnames(route: Route, listener: Listener) -> Iterable[str]:
    return [name.lower() for name in route.hostnames] or [_hostname(listener)]
