"""The whole world to one checked snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tidegate.compilers.clusters import cluster_name, compile_backend, proof_audience, proof_secret
from tidegate.compilers.listeners import Choices, CompiledPort, Port, compile_port
from tidegate.compilers.routes import check_route
from tidegate.compilers.streams import stream_backends
from tidegate.compilers.tables import backends_of
from tidegate.diagnostics import Diagnostic, Found, Span
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
class WorldMemory:
    """What one compilation hands to the next. Opaque to others."""

    choices: Choices
    ports: Mapping[str, CompiledPort]
    backends: Mapping[str, CompiledBackend]
    snapshot: Snapshot


def compile_world(
    world: World,
    *,
    port_offset: int,
    log_requests: bool,
    runtime: str,
    issuers: Mapping[str, IssuerMetadata],
    system_roots: str = SYSTEM_ROOTS,
    before: WorldMemory | None = None,
) -> CompiledResources:
    """Compile. `runtime` is the Lua library of policy programs ("" if there is none), `issuers` the keys they need,
    `system_roots` the file with the authorities that vouch for hosts outside. `before` is the memory of an earlier
    compilation: what is made of the very objects of that world is not made again.

    Raises InconsistentSnapshot or ValueError where the world breaks its own rules: our own mistake.
    """
    choices = Choices(runtime=runtime, log_requests=log_requests, issuers=issuers, system_roots=system_roots)
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
    backends = _compile_backends(_needed(ports, world), choices, before.backends if before is not None else {})
    proof_secrets: dict[str, str] = {}
    for each in backends.values():
        for name, resource in each.resources:
            resources[name.type_url][name.name] = resource
        if each.audience is not None:
            proof_secrets[proof_secret(each.audience)] = each.audience
    snapshot = Snapshot.of(
        resources, external_secrets=proof_secrets, before=before.snapshot if before is not None else None
    )
    return CompiledResources(
        snapshot=snapshot,
        proof_secrets=dict(sorted(proof_secrets.items())),
        source_map=SourceMap(lambda: _source_map(world, ports, backends)),
        diagnostics=_diagnostics(ports),
        memory=WorldMemory(choices, {port.name: compiled for port, compiled in ports}, backends, snapshot),
    )


def _needed(ports: Iterable[tuple[Port, CompiledPort]], world: World) -> dict[str, Backend | ExternalBackend]:
    """What is served sends to these, by the name of the cluster.

    A Service that nothing refers to needs neither a cluster nor a proof.
    """
    needed: dict[str, Backend | ExternalBackend] = {}
    for port, compiled in ports:
        named = [table.backends for table in compiled.tables.values()]
        named += [{cluster_name(b): b for r in one.stream_routes for b in stream_backends(r)} for one in port.listeners]
        targets = [needs_of(table.resource, ROUTE) for table in compiled.tables.values()]
        targets += [needs_of(resource, name.type_url) for name, resource in compiled.sockets]
        served = frozenset().union(*targets)
        for backends in named:
            for name, backend in backends.items():
                if ResourceName(CLUSTER, name) in served and name not in needed:
                    needed[name] = world.backends[backend] if isinstance(backend, BackendId) else backend
    return needed


def _compile_backends(
    needed: Mapping[str, Backend | ExternalBackend], choices: Choices, before: Mapping[str, CompiledBackend]
) -> dict[str, CompiledBackend]:
    made: dict[str, CompiledBackend] = {}
    for name, backend in needed.items():
        known = before.get(name)
        if known is None or known.backend is not backend:
            resources = compile_backend(backend, system_roots=choices.system_roots)
            known = CompiledBackend(
                backend, tuple((name, Part(resource)) for name, resource in resources), proof_audience(backend)
            )
        made[name] = known
    return made


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
