"""Route tables, and what of one need not be made again for the next.

A table is made of the model's routes. A route that is the very object that it was compiles to what it compiled to, and
a virtual host with the same domains and routes is the same virtual host. Both are kept with the table; so the next one
costs a look at each route and the making of what has changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from tidegate.compilers.clusters import cluster_name
from tidegate.compilers.hosts import by_hostname, hostnames, own_hostname, owner, visible
from tidegate.compilers.programs import library
from tidegate.compilers.routes import check_route, compile_route, misdirected, unmatched
from tidegate.diagnostics import Diagnostic, Found
from tidegate.envoy.http_filters import shared_metadata
from tidegate.envoy.parts import Part
from tidegate.envoy.resources import JsonObject
from tidegate.envoy.routes import route_configuration, virtual_host
from tidegate.incremental import difference
from tidegate.model import BackendId, ExternalBackend, Forward, IssuerMetadata, Listener, Mirror, Route
from tidegate.model.hostnames import covering

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
    library: JsonObject = field(default_factory=dict)
    """What its programs want in the metadata of the virtual host, by name."""


@dataclass(frozen=True, slots=True)
class TableFrame:
    """What a table is beside its routes."""

    name: str
    hostnames: tuple[str | None, ...]
    """Of the listeners whose routes it has."""
    foreign: tuple[str, ...] = ()
    """Hostnames of listeners whose requests do not belong on its connections."""
    unmatched_body: str = ""


_Group: TypeAlias = tuple[int, ...]
"""Which hostnames see the same routes: the listener's position, and the routes' identities. Empty: no routes."""


@dataclass(frozen=True, eq=False, slots=True)
class _Side:
    """What one listener brings to a table."""

    routes: tuple[Route, ...] = ()
    """In order of precedence."""
    compiled: Mapping[int, CompiledRoute] = field(default_factory=dict)
    """By identity of the model's route."""
    named: Mapping[str, Sequence[Route]] | None = None
    """Which routes stand under which hostname; None: nothing is known yet."""
    diagnostics: tuple[Diagnostic, ...] = ()
    made: Sequence[CompiledRoute] = ()
    """Those that were not there before."""


@dataclass(frozen=True, eq=False, slots=True)
class RouteTable:
    """One route configuration, and how it came about."""

    frame: TableFrame
    issuers: Mapping[str, IssuerMetadata]
    last: Part | None
    foreign: Part | None
    sides: tuple[_Side, ...]
    group_of: Mapping[str, _Group] = field(default_factory=dict)
    """By hostname."""
    groups: Mapping[_Group, tuple[str, ...]] = field(default_factory=dict)
    """The hostnames of each, sorted."""
    hosts: Mapping[str, Part] = field(default_factory=dict)
    """The virtual host of each group by its first hostname, sorted."""
    resource: Part = field(default_factory=lambda: Part({}))
    backends: Mapping[str, AnyBackend] = field(default_factory=dict)
    """Every backend that a route names, by the name of its cluster; and perhaps some that none does any more."""

    @property
    def diagnostics(self) -> Iterator[Diagnostic]:
        return (one for side in self.sides for one in side.diagnostics)

    def serves(self, route: Route) -> bool:
        """Whether this very route is among its own."""
        return any(id(route) in side.compiled for side in self.sides)


def compile_table(
    frame: TableFrame,
    listeners: Sequence[Listener],
    owners: Mapping[str, Listener],
    issuers: Mapping[str, IssuerMetadata],
    before: RouteTable | None,
) -> RouteTable:
    """The route configuration of listeners that share it. `owners`: whose each hostname of the port is."""
    if before is None or before.issuers != issuers or before.frame != frame:
        before = _empty(frame, listeners, issuers)
    if all(
        side.named is not None and one.routes is side.routes for one, side in zip(listeners, before.sides, strict=True)
    ):
        return before
    sides: list[_Side] = []
    touched: dict[str, int] = {}
    for index, (one, last) in enumerate(zip(listeners, before.sides, strict=True)):
        side, hosts = _side(one, last, issuers)
        sides.append(side)
        touched.update((name, index) for name in hosts if owner(name, owners) is one)
    group_of, groups, changed = _regrouped(before, sides, touched)
    hosts = _hosts(before, groups, changed, sides)
    parts: list[JsonObject] = list(hosts.values())
    if before.foreign is not None:
        parts.append(before.foreign)
    return replace(
        before,
        sides=tuple(sides),
        group_of=group_of,
        groups=groups,
        hosts=hosts,
        resource=Part(route_configuration(frame.name, parts)),
        backends=_backends(before, sides),
    )


_FORGET: Final = 8
"""Backends that no route names any more are forgotten when there are so many of them for each route."""

_MANY: Final = 64
"""More changes than this at once, and all of a listener is looked at anew."""


def _empty(frame: TableFrame, listeners: Sequence[Listener], issuers: Mapping[str, IssuerMetadata]) -> RouteTable:
    # RFC 9110 section 15.5.20: a connection made for one listener's hostname carries no other listener's requests.
    return RouteTable(
        frame=frame,
        issuers=issuers,
        last=Part(unmatched(frame.unmatched_body)) if frame.unmatched_body else None,
        foreign=Part(virtual_host(frame.foreign, [_MISDIRECTED])) if frame.foreign else None,
        sides=(_Side(),) * len(listeners),
    )


def _side(listener: Listener, last: _Side, issuers: Mapping[str, IssuerMetadata]) -> tuple[_Side, Collection[str]]:
    """What the listener brings now, and the hostnames that may see other routes than before."""
    new, gone, in_order = difference(last.routes, listener.routes)
    made = {id(route): _compiled(route, issuers) for route in new}
    compiled = {**last.compiled, **made}
    for route in gone:
        del compiled[id(route)]
    diagnostics = last.diagnostics
    if diagnostics or any(each.diagnostics for each in made.values()):
        diagnostics = tuple([one for each in compiled.values() for one in each.diagnostics])
    if last.named is None or not in_order or len(new) + len(gone) > _MANY:
        named: Mapping[str, Sequence[Route]] = by_hostname(listener)
        touched: Collection[str] = named.keys() | (last.named or {}).keys()
    else:
        named, touched = _renamed(listener, last, new, gone)
    return _Side(listener.routes, compiled, named, diagnostics, tuple(made.values())), touched


def _renamed(
    listener: Listener, last: _Side, new: Sequence[Route], gone: Sequence[Route]
) -> tuple[Mapping[str, Sequence[Route]], Collection[str]]:
    """What stands under which hostname now, and the hostnames that may see other routes than before."""
    before = last.named or {}
    changed = {name for route in (*new, *gone) for name in hostnames(route, listener)}
    without = set(map(id, gone))
    place: dict[int, int] = {}
    named = dict(before)
    for name in changed:
        all_were = len(before.get(name, ())) == len(last.routes)
        if listener.routes and all_were and all(name in hostnames(route, listener) for route in new):
            # All stand under it, as they do where nobody names a host.
            named[name] = listener.routes
            continue
        under = [route for route in before.get(name, ()) if id(route) not in without]
        came = [route for route in new if name in hostnames(route, listener)]
        if came and under:
            place = place or {id(route): index for index, route in enumerate(listener.routes)}
            under = sorted((*under, *came), key=lambda route: place[id(route)])
        named[name] = under or came
        if not named[name] and name != own_hostname(listener):
            del named[name]
    if any(name.startswith("*") for name in changed):
        return named, changed | {name for name in named if not changed.isdisjoint(covering(name))}
    return named, changed


def _regrouped(
    before: RouteTable, sides: Sequence[_Side], touched: Mapping[str, int]
) -> tuple[Mapping[str, _Group], Mapping[_Group, tuple[str, ...]], Collection[_Group]]:
    """The group of each hostname, the hostnames of each group (all that see the same routes of one listener), and the
    groups that may have changed. `touched`: hostnames, and the positions of the listeners whose they are."""
    group_of = dict(before.group_of)
    members: dict[_Group, set[str]] = {}
    for hostname, index in touched.items():
        last = group_of.pop(hostname, None)
        if last is not None:
            members.setdefault(last, set(before.groups[last])).discard(hostname)
        named = sides[index].named or {}
        if hostname in named:
            seen = visible(hostname, named)
            # Without routes, whose they are makes no difference.
            group = (index, *map(id, seen)) if seen else ()
            group_of[hostname] = group
            members.setdefault(group, set(before.groups.get(group, ()))).add(hostname)
    groups = dict(before.groups)
    for group, hosts in members.items():
        if hosts:
            groups[group] = tuple(sorted(hosts))
        else:
            groups.pop(group, None)
    return group_of, groups, members.keys()


def _backends(before: RouteTable, sides: Sequence[_Side]) -> Mapping[str, AnyBackend]:
    count = sum(len(side.compiled) for side in sides)
    whole = not before.backends or len(before.backends) > _FORGET * count
    backends = {} if whole else dict(before.backends)
    for side in sides:
        for each in side.compiled.values() if whole else side.made:
            backends.update(each.backends)
    return backends


def _hosts(
    before: RouteTable,
    groups: Mapping[_Group, tuple[str, ...]],
    changed: Collection[_Group],
    sides: Sequence[_Side],
) -> dict[str, Part]:
    """The virtual hosts, sorted."""
    hosts = dict(before.hosts)
    gone: set[str] = set()
    made: dict[str, Part] = {}
    for group in changed:
        domains, old = groups.get(group), before.groups.get(group)
        if domains == old:
            continue
        if old is not None:
            gone.add(old[0])
        if domains is None:
            continue
        compiled = sides[group[0]].compiled if group else {}
        rows = [compiled[id_] for id_ in group[1:]]
        parts: list[JsonObject] = [part for row in rows for part in row.parts]
        if before.last is not None:
            parts.append(before.last)
        entries: JsonObject = {}
        for row in rows:
            entries.update(row.library)
        made[domains[0]] = Part(virtual_host(domains, parts, metadata=shared_metadata(entries) if entries else None))
    for first in gone - made.keys():
        del hosts[first]
    new = made.keys() - hosts.keys()
    hosts.update(made)
    return dict(sorted(hosts.items())) if new else hosts


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
        library(route, issuers) if route.program is not None else {},
    )
