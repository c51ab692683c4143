"""Route tables, and what of one need not be made again for the next.

A table is made of the model's routes. A route that is the very object that it was compiles to what it compiled to, and
a virtual host with the same domains and routes is the same virtual host. Both are kept with the table; so the next one
costs a look at each route and the making of what has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, TypeAlias

from tidegate.compilers.clusters import cluster_name
from tidegate.compilers.hosts import HostRoutes, host_routes
from tidegate.compilers.routes import check_route, compile_route, misdirected, unmatched
from tidegate.diagnostics import Diagnostic, Found
from tidegate.envoy.parts import Part
from tidegate.envoy.resources import JsonObject
from tidegate.envoy.routes import route_configuration, virtual_host
from tidegate.model import BackendId, ExternalBackend, Forward, IssuerMetadata, Listener, Mirror, Route

AnyBackend: TypeAlias = BackendId | ExternalBackend

_MISDIRECTED: Final = Part(misdirected())


@dataclass(frozen=True, slots=True)
class CompiledRoute:
    """What one route came to."""

    route: Route
    parts: tuple[Part, ...]
    diagnostics: tuple[Diagnostic, ...]
    backends: tuple[tuple[str, AnyBackend], ...]
    """The clusters that it names."""


@dataclass(frozen=True, slots=True)
class _Host:
    """A virtual host, and the routes by whose identity it is found again."""

    routes: tuple[Route, ...]
    part: Part


@dataclass(frozen=True, slots=True)
class TableFrame:
    """What a table is beside its routes."""

    name: str
    hostnames: tuple[str | None, ...]
    """Of the listeners whose routes it has."""
    foreign: tuple[str, ...] = ()
    """Hostnames of listeners whose requests do not belong on its connections."""
    unmatched_body: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class RouteTable:
    """One route configuration."""

    frame: TableFrame
    listeners: tuple[Listener, ...]
    """Whose routes it has."""
    issuers: Mapping[str, IssuerMetadata]
    resource: Part
    routes: Mapping[int, CompiledRoute]
    """By identity of the model's route."""
    hosts: Mapping[tuple[object, ...], _Host]
    last: Part | None
    backends: Mapping[str, AnyBackend] = field(default_factory=dict)
    """Every backend that a route names, by the name of its cluster."""
    diagnostics: tuple[Diagnostic, ...] = ()


def compile_table(
    frame: TableFrame,
    listeners: Sequence[Listener],
    owners: Mapping[str, Listener],
    issuers: Mapping[str, IssuerMetadata],
    before: RouteTable | None,
) -> RouteTable:
    """The route configuration of listeners that share it. `owners`: whose each hostname of the port is."""
    if before is not None and (before.issuers != issuers or before.frame != frame):
        before = None
    if before is not None and all(
        new.routes is old.routes for new, old in zip(listeners, before.listeners, strict=True)
    ):
        return before
    known: Mapping[int, CompiledRoute] = before.routes if before is not None else {}
    routes = {id(route): known.get(id(route)) or _compiled(route, issuers) for one in listeners for route in one.routes}
    last = Part(unmatched(frame.unmatched_body)) if frame.unmatched_body else None
    if before is not None:
        last = before.last
    hosts = _hosts(host_routes(listeners, owners), routes, last, before.hosts if before is not None else {})
    parts: list[JsonObject] = [host.part for host in hosts.values()]
    if frame.foreign:
        # RFC 9110 section 15.5.20: a connection made for one listener's hostname carries no other listener's requests.
        parts.append(Part(virtual_host(frame.foreign, [_MISDIRECTED])))
    backends: dict[str, AnyBackend] = {}
    for each in routes.values():
        backends.update(each.backends)
    return RouteTable(
        frame=frame,
        listeners=tuple(listeners),
        issuers=issuers,
        resource=Part(route_configuration(frame.name, parts)),
        routes=MappingProxyType(routes),
        hosts=MappingProxyType(hosts),
        last=last,
        backends=MappingProxyType(backends),
        diagnostics=tuple([one for each in routes.values() if each.diagnostics for one in each.diagnostics]),
    )


def backends_of(route: Route) -> Iterator[AnyBackend]:
    """Where a route's requests and their copies go."""
    if isinstance(route.action, Forward):
        yield from _mirrored(route.action.mirrors)
        for weighted in route.action.backends:
            if weighted.backend is not None:
                yield weighted.backend
            if weighted.filters is not None:
                yield from _mirrored(weighted.filters.mirrors)


def _mirrored(mirrors: Iterable[Mirror]) -> Iterator[BackendId]:
    return (mirror.backend for mirror in mirrors)


def _compiled(route: Route, issuers: Mapping[str, IssuerMetadata]) -> CompiledRoute:
    found = Found()
    check_route(route, found)
    return CompiledRoute(
        route,
        tuple(Part(each) for each in compile_route(route, issuers)),
        tuple(found),
        tuple((cluster_name(backend), backend) for backend in backends_of(route)),
    )


def _hosts(
    hosts: Iterable[HostRoutes],
    routes: Mapping[int, CompiledRoute],
    last: Part | None,
    before: Mapping[tuple[object, ...], _Host],
) -> dict[tuple[object, ...], _Host]:
    """One virtual host for all hostnames of a listener that see the same routes."""
    groups: dict[tuple[int, ...], tuple[HostRoutes, list[str]]] = {}
    for host in hosts:
        # Without routes, whose they are makes no difference.
        same = (id(host.listener), *map(id, host.routes)) if host.routes else ()
        group = groups.get(same)
        if group is None:
            groups[same] = (host, [host.hostname])
        else:
            group[1].append(host.hostname)
    made: dict[tuple[object, ...], _Host] = {}
    for host, domains in groups.values():
        key = (*domains, *map(id, host.routes))
        known = before.get(key)
        if known is None:
            parts: list[JsonObject] = [part for route in host.routes for part in routes[id(route)].parts]
            if last is not None:
                parts.append(last)
            known = _Host(host.routes, Part(virtual_host(domains, parts)))
        made[key] = known
    return made
