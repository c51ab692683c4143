"""Host names of listeners and routes: which of them meet (Gateway API, HTTPRouteSpec.hostnames)."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.model.hostnames import covers


def intersect(listener: str | None, route: Iterable[str]) -> tuple[str, ...] | None:
    """The hosts at which a route meets a listener; () means every host, None that they never meet."""
    wanted = tuple(route)
    if listener is None:
        return wanted
    if not wanted:
        return (listener,)
    met = [
        name if covers(listener, name) else listener
        for name in wanted
        if covers(listener, name) or covers(name, listener)
    ]
    return tuple(dict.fromkeys(met)) or None
