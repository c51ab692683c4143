"""The whole world to one checked snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tidegate.compilers.clusters import cluster_name, compile_backend, proof_audience, proof_secret
from tidegate.compilers.listeners import Choices, Port, compile_port
from tidegate.compilers.routes import check_route
from tidegate.compilers.streams import stream_backends
from tidegate.diagnostics import Diagnostic, Found, Span
from tidegate.envoy.references import references
from tidegate.envoy.resources import CLUSTER, LISTENER, ROUTE, SECRET, TYPE_URLS, JsonObject, ResourceName
from tidegate.envoy.snapshot import Snapshot
from tidegate.model import (
    BackendId,
    ExternalBackend,
    Forward,
    IssuerMetadata,
    Listener,
    Mirror,
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


def compile_world(
    world: World,
    *,
    port_offset: int,
    log_requests: bool,
    runtime: str,
    issuers: Mapping[str, IssuerMetadata],
    system_roots: str = SYSTEM_ROOTS,
) -> CompiledResources:
    """Compile. `runtime` is the Lua library of policy programs ("" if there is none), `issuers` the keys they need,
    `system_roots` the file with the authorities that vouch for hosts outside.

    Raises InconsistentSnapshot or ValueError where the world breaks its own rules: our own mistake.
    """
    choices = Choices(runtime=runtime, log_requests=log_requests, issuers=issuers)
    resources: dict[str, dict[str, JsonObject]] = {type_url: {} for type_url in TYPE_URLS}
    source_map: dict[ResourceName, Span] = {}
    for port in _ports(world, port_offset):
        for name, resource in compile_port(port, choices):
            resources[name.type_url][name.name] = resource
            source_map.setdefault(name, port.listeners[0].span)
    # Only what a served route sends to: a Service that nothing refers to needs neither a cluster nor a proof.
    needed = {
        target.name
        for type_url in (ROUTE, LISTENER)
        for resource in resources[type_url].values()
        for target in references(type_url, resource)
        if target.type_url == CLUSTER
    }
    proof_secrets: dict[str, str] = {}
    found = Found()
    for route in _routes(world):
        if isinstance(route, Route):
            source_map.setdefault(ResourceName(ROUTE, route.id), route.span)
            check_route(route, found)
        for backend in _backends(route):
            if cluster_name(backend) not in needed or cluster_name(backend) in resources[CLUSTER]:
                continue
            known = world.backends[backend] if isinstance(backend, BackendId) else backend
            for name, resource in compile_backend(known, system_roots=system_roots):
                resources[name.type_url][name.name] = resource
                source_map.setdefault(name, route.span)
            audience = proof_audience(known)
            if audience is not None:
                proof_secrets[proof_secret(audience)] = audience
                source_map.setdefault(ResourceName(SECRET, proof_secret(audience)), route.span)
    return CompiledResources(
        snapshot=Snapshot.of(resources, external_secrets=proof_secrets),
        proof_secrets=dict(sorted(proof_secrets.items())),
        source_map=dict(sorted(source_map.items())),
        diagnostics=found.sorted(),
    )


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


def _backends(route: Route | StreamRoute) -> Iterator[BackendId | ExternalBackend]:
    if isinstance(route, StreamRoute):
        yield from stream_backends(route)
    elif isinstance(route.action, Forward):
        yield from _mirrored(route.action.mirrors)
        for weighted in route.action.backends:
            if weighted.backend is not None:
                yield weighted.backend
            if weighted.filters is not None:
                yield from _mirrored(weighted.filters.mirrors)


def _mirrored(mirrors: Iterable[Mirror]) -> Iterator[BackendId]:
    return (mirror.backend for mirror in mirrors)
