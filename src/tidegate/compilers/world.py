"""The whole world to one checked snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tidegate.compilers.clusters import cluster_name, compile_backend, proof_audience, proof_secret
from tidegate.compilers.egress import CompiledEgress, compile_egress
from tidegate.compilers.listeners import Choices, CompiledPort, Port, compile_port
from tidegate.compilers.routes import check_route
from tidegate.compilers.streams import stream_backends
from tidegate.compilers.tables import backends_of
from tidegate.diagnostics import Diagnostic, Found, Span
from tidegate.envoy.egress import NO_RULES, EgressRules
from tidegate.envoy.parts import Part, needs_of
from tidegate.envoy.resources import CLUSTER, ROUTE, SECRET, TYPE_URLS, JsonObject, ResourceName
from tidegate.envoy.snapshot import Snapshot
from tidegate.model import (
    Backend,
    BackendId,
    ExternalBackend,
    IssuerMetadata,
    Listener,
    Route,
    StreamRoute,
    World,
)

SYSTEM_ROOTS: Final = "/etc/ssl/certs/ca-certificates.crt"
"""Where Debian, Ubuntu, Alpine and Arch keep the certificate authorities that the system trusts."""


@dataclass(frozen=True)
class CompiledResources:
    """What one world came to."""

    snapshot: Snapshot
    """Its `external_secrets` are the keys of `proof_secrets`; `Snapshot.with_secrets` adds them."""
    proof_secrets: Mapping[str, str]
    """Name of a secret -> the audience of the token that it must hold, as `Bearer <token>`."""
    source_map: Mapping[ResourceName, Span]
    """Which place made which resource. A route has an entry of its own: its type URL with the route's id as name."""
    diagnostics: tuple[Diagnostic, ...] = ()
    """What the world asks for and Envoy cannot do; the rest of it is compiled."""
    memory: WorldMemory | None = None
    """For the next compilation."""


class SourceMap(Mapping[ResourceName, Span]):
    """Worked out when somebody asks: only a refusal by Envoy does."""

    def __init__(self, make: Callable[[], Mapping[ResourceName, Span]]) -> None:
        self._make = make

    @cached_property
    def _places(self) -> Mapping[ResourceName, Span]:
        return self._make()

    def __getitem__(self, name: ResourceName) -> Span:
        return self._places[name]

    def __iter__(self) -> Iterator[ResourceName]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@dataclass(frozen=True, slots=True)
class CompiledBackend:
    """What one backend came to."""

    backend: Backend | ExternalBackend
    resources: tuple[tuple[ResourceName, Part], ...]
    audience: str | None
    """Of the gateway's proof."""


@dataclass(frozen=True, eq=False, slots=True)
class CompiledBackends:
    """All backends that are sent to."""

    served: frozenset[ResourceName]
    """What routes and streams refer to."""
    known: Mapping[BackendId, Backend]
    compiled: Mapping[str, CompiledBackend]
    """By the name of the cluster."""
    resources: Mapping[str, Mapping[str, Part]]
    """By type URL and name."""
    proof_secrets: Mapping[str, str]


@dataclass(frozen=True, eq=False, slots=True)
class WorldMemory:
    """What one compilation hands to the next. Opaque to others."""

    choices: Choices
    ports: Mapping[str, CompiledPort]
    egress: CompiledEgress
    backends: CompiledBackends
    snapshot: Snapshot


def compile_world(
    world: World,
    *,
    port_offset: int,
    log_requests: bool,
    runtime: str,
    issuers: Mapping[str, IssuerMetadata],
    system_roots: str = SYSTEM_ROOTS,
    egress: EgressRules = NO_RULES,
    before: WorldMemory | None = None,
) -> CompiledResources:
    """Compile. `runtime` is the Lua library of policy programs ("" if there is none), `issuers` the keys they need,
    `system_roots` the file with the authorities that vouch for hosts outside, `egress` what programs may call that
    nobody declared. `before` is the memory of an earlier compilation: what is made of the very objects of that world is
    not made again.

    Raises InconsistentSnapshot or ValueError where the world breaks its own rules: our own mistake.
    """
    choices = Choices(
        runtime=runtime, log_requests=log_requests, issuers=issuers, system_roots=system_roots, egress=egress
    )
    if before is not None and before.choices != choices:
        before = None
    ports = [
        (port, compile_port(port, choices, before.ports.get(port.name) if before is not None else None))
        for port in _ports(world, port_offset)
    ]
    resources: dict[str, dict[str, JsonObject]] = {type_url: {} for type_url in TYPE_URLS}
    for _, compiled in ports:
        for name, resource in compiled.sockets:
            resources[name.type_url][name.name] = resource
        resources[ROUTE].update((name, table.resource) for name, table in compiled.tables.items())
    way_out = compile_egress(
        world,
        (route for route in _routes(world) if isinstance(route, Route)),
        _http_backends(ports),
        rules=egress,
        system_roots=system_roots,
        before=before.egress if before is not None else None,
    )
    for name, resource in way_out.resources:
        resources[name.type_url][name.name] = resource
    backends = _compile_backends(world, ports, way_out, choices, before.backends if before is not None else None)
    for type_url, named in backends.resources.items():
        resources[type_url].update(named)
    snapshot = Snapshot.of(
        resources, external_secrets=backends.proof_secrets, before=before.snapshot if before is not None else None
    )
    return CompiledResources(
        snapshot=snapshot,
        proof_secrets=backends.proof_secrets,
        source_map=SourceMap(lambda: _source_map(world, ports, backends.compiled)),
        diagnostics=_diagnostics(ports),
        memory=WorldMemory(choices, {port.name: compiled for port, compiled in ports}, way_out, backends, snapshot),
    )


def _compile_backends(
    world: World,
    ports: Iterable[tuple[Port, CompiledPort]],
    egress: CompiledEgress,
    choices: Choices,
    before: CompiledBackends | None,
) -> CompiledBackends:
    """What is served sends to these. A Service that nothing refers to needs neither a cluster nor a proof."""
    targets = [needs_of(table.resource, ROUTE) for _, port in ports for table in port.tables.values()]
    targets += [needs_of(resource, name.type_url) for _, port in ports for name, resource in port.sockets]
    targets += [needs_of(resource, name.type_url) for name, resource in egress.resources]
    served = frozenset().union(*targets)
    if before is not None and before.served == served and before.known == world.backends:
        return before
    compiled: dict[str, CompiledBackend] = {}
    resources: dict[str, dict[str, Part]] = {}
    proof_secrets: dict[str, str] = {}
    for name, reference in (*_named(ports), *egress.backends.items()):
        if name in compiled or ResourceName(CLUSTER, name) not in served:
            continue
        backend = world.backends[reference] if isinstance(reference, BackendId) else reference
        known = before.compiled.get(name) if before is not None else None
        if known is None or known.backend is not backend:
            made = compile_backend(backend, system_roots=choices.system_roots)
            known = CompiledBackend(
                backend, tuple((n, Part(resource)) for n, resource in made), proof_audience(backend)
            )
        compiled[name] = known
        for resource_name, resource in known.resources:
            resources.setdefault(resource_name.type_url, {})[resource_name.name] = resource
        if known.audience is not None:
            proof_secrets[proof_secret(known.audience)] = known.audience
    return CompiledBackends(served, world.backends, compiled, resources, dict(sorted(proof_secrets.items())))


def _named(ports: Iterable[tuple[Port, CompiledPort]]) -> Iterator[tuple[str, BackendId | ExternalBackend]]:
    """Every backend that a route names, by the name of its cluster; and perhaps some that none does any more."""
    for port, compiled in ports:
        for table in compiled.tables.values():
            yield from table.backends.items()
        for listener in port.listeners:
            for route in listener.stream_routes:
                yield from ((cluster_name(backend), backend) for backend in stream_backends(route))


def _http_backends(ports: Iterable[tuple[Port, CompiledPort]]) -> Mapping[str, BackendId | ExternalBackend]:
    """Those of routes; streams have others."""
    return {
        name: backend
        for _, compiled in ports
        for table in compiled.tables.values()
        for name, backend in table.backends.items()
    }


def _diagnostics(ports: Iterable[tuple[Port, CompiledPort]]) -> tuple[Diagnostic, ...]:
    found = Found()
    for _, compiled in ports:
        for table in compiled.tables.values():
            found.extend(table.diagnostics)
        for listener in compiled.unserved:
            for route in listener.routes:
                check_route(route, found)
    return found.sorted()


def _source_map(
    world: World, ports: Iterable[tuple[Port, CompiledPort]], backends: Mapping[str, CompiledBackend]
) -> dict[ResourceName, Span]:
    result: dict[ResourceName, Span] = {}
    for port, compiled in ports:
        names = [*(name for name, _ in compiled.sockets), *(ResourceName(ROUTE, name) for name in compiled.tables)]
        for name in names:
            result.setdefault(name, port.listeners[0].span)
    for route in _routes(world):
        if isinstance(route, Route):
            result.setdefault(ResourceName(ROUTE, route.id), route.span)
        for backend in backends_of(route) if isinstance(route, Route) else stream_backends(route):
            made = backends.get(cluster_name(backend))
            if made is None:
                continue
            for name, _ in made.resources:
                result.setdefault(name, route.span)
            if made.audience is not None:
                result.setdefault(ResourceName(SECRET, proof_secret(made.audience)), route.span)
    return dict(sorted(result.items()))


def _ports(world: World, offset: int) -> list[Port]:
    """What is served on each address and port. Gateways that share one were told apart by hostname before."""
    listeners: dict[tuple[str, int], list[Listener]] = {}
    bodies: dict[tuple[str, int], str] = {}
    for gateway in sorted(world.gateways, key=lambda gateway: gateway.name):
        for one in sorted(gateway.listeners, key=lambda listener: listener.name):
            key = (gateway.address, one.port + offset)
            listeners.setdefault(key, []).append(one)
            bodies[key] = bodies.get(key) or gateway.unmatched_body
    return [
        Port(address, number, tuple(listeners[address, number]), bodies[address, number])
        for address, number in sorted(listeners)
    ]


def _routes(world: World) -> Iterator[Route | StreamRoute]:
    for gateway in sorted(world.gateways, key=lambda gateway: gateway.name):
        for one in sorted(gateway.listeners, key=lambda listener: listener.name):
            yield from one.routes
            yield from one.stream_routes
