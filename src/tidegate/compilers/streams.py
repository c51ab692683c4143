"""TLSRoutes, TCPRoutes and UDPRoutes to Envoy's proxies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tidegate.compilers.clusters import cluster_name
from tidegate.compilers.hosts import own_hostname, owner
from tidegate.envoy.access_log import stream_access_log
from tidegate.envoy.resources import JsonObject
from tidegate.envoy.streams import tcp_proxy, udp_proxy
from tidegate.model import BackendId, Listener, StreamRoute


def stream_backends(route: StreamRoute) -> Iterator[BackendId]:
    """The Service ports that a route sends to."""
    for weighted in route.backends:
        if isinstance(weighted.backend, BackendId) and weighted.weight > 0:
            yield weighted.backend


def compile_proxy(name: str, route: StreamRoute | None, *, log: bool) -> JsonObject:
    """Where a route's connections go; without a route they are closed."""
    return tcp_proxy(name, _weights(route), access_log=stream_access_log() if log else [])


def datagram_proxy(route: StreamRoute | None, *, log: bool) -> JsonObject:
    """The listener filter that forwards a route's datagrams; without a route they are dropped."""
    return udp_proxy(_weights(route), access_log=stream_access_log() if log else [])


def first_route(listeners: Sequence[Listener]) -> StreamRoute | None:
    """TCP and UDP know no hosts: one route has the whole port, the first."""
    return next((route for listener in listeners for route in listener.stream_routes), None)


def routes_by_server_name(listener: Listener, owners: Mapping[str, Listener]) -> dict[str, StreamRoute | None]:
    """What each server name of a TLS listener is forwarded by, of the names that no other listener of the port owns.

    The listener's own hostname is always among them: what it has no route for is closed, and is nobody else's.
    """
    routes: dict[str, StreamRoute | None] = {}
    for route in listener.stream_routes:
        for name in route.hostnames or (own_hostname(listener),):
            if owner(name, owners) is listener:
                routes.setdefault(name.lower(), route)
    routes.setdefault(own_hostname(listener), None)
    return dict(sorted(routes.items()))


def _weights(route: StreamRoute | None) -> list[tuple[str | None, int]]:
    if route is None:
        return []
    return [
        (cluster_name(weighted.backend) if weighted.backend is not None else None, weighted.weight)
        for weighted in route.backends
    ]
