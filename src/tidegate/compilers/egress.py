"""What programs need to send requests of their own: the egress listener, and the destinations that are declared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from tidegate.compilers.clusters import cluster_name
from tidegate.compilers.forwards import forward_action
from tidegate.envoy import routes as envoy
from tidegate.envoy.egress import EgressRules, egress_resources
from tidegate.envoy.egress_routes import EGRESS, Declared, egress_routes
from tidegate.envoy.parts import Part
from tidegate.envoy.resources import ROUTE, JsonObject, ResourceName
from tidegate.model import Backend, BackendId, BackendProtocol, ExternalBackend, Forward, PolicyProgram, Respond, Route
from tidegate.model.world import World

AnyBackend: TypeAlias = BackendId | ExternalBackend

_HTTP: Final = (BackendProtocol.HTTP1, BackendProtocol.HTTP2)


@dataclass(frozen=True, eq=False, slots=True)
class CompiledEgress:
    """Nothing at all where no program calls anybody."""

    resources: tuple[tuple[ResourceName, Part], ...] = ()
    backends: Mapping[str, AnyBackend] = field(default_factory=dict)
    """The declared destinations, by the names of their clusters."""


def compile_egress(
    world: World,
    routes: Iterable[Route],
    named: Mapping[str, AnyBackend],
    *,
    rules: EgressRules,
    system_roots: str,
    before: CompiledEgress | None,
) -> CompiledEgress:
    """`named` are the backends of all routes, by the names of their clusters."""
    destinations: set[ExternalBackend] = set()
    again: dict[str, JsonObject] = {}
    calls = False
    for route in routes:
        # Asked of every route at every change: most have one program, which calls nobody.
        programs = programs_of(route) if route.products else (route.program,)
        for program in programs:
            if program is None or not (program.calls or program.forwards or program.destinations):
                continue
            calls = calls or program.calls
            destinations.update(program.destinations)
            destinations.update(_shown_ours(route, program))
            if program.forwards:
                again[route.id] = _action(route)
    if not calls:
        return CompiledEgress()
    backends: dict[str, AnyBackend] = {
        **named,
        **{cluster_name(each): each for each in destinations},
        **{cluster_name(id_): id_ for id_, backend in world.backends.items() if backend.protocol in _HTTP},
    }
    backends = {name: each for name, each in sorted(backends.items()) if _speaks_http(each, world)}
    declared: dict[tuple[str, str, int], Declared] = {}
    for name, each in backends.items():
        for one in _declared(name, each, world):
            # One port may be spoken to in several ways; the usual one comes first.
            declared.setdefault((one.scheme, one.host, one.port), one)
    table = egress_routes(declared.values(), again)
    known = dict(before.resources) if before is not None else {}
    made = [*egress_resources(rules, system_roots=system_roots), (ResourceName(ROUTE, EGRESS), table)]
    return CompiledEgress(tuple((name, _part(resource, known.get(name))) for name, resource in made), backends)


def programs_of(route: Route) -> Iterator[PolicyProgram]:
    """Every program that may run for the route."""
    if route.program is not None:
        yield route.program
    for product in route.products:
        if product.program is not None:
            yield product.program


def _shown_ours(route: Route, program: PolicyProgram) -> Iterator[ExternalBackend]:
    """The route's own backend with each certificate that the program may show it. Services are shown none."""
    if program.certificates and isinstance(route.action, Forward):
        for weighted in route.action.backends:
            if isinstance(weighted.backend, ExternalBackend) and weighted.backend.tls:
                yield from (replace(weighted.backend, certificate=each) for each in program.certificates)


def _speaks_http(backend: AnyBackend, world: World) -> bool:
    return isinstance(backend, ExternalBackend) or world.backends[backend].protocol in _HTTP


def _declared(name: str, backend: AnyBackend, world: World) -> Iterator[Declared]:
    """How URLs name it."""
    if isinstance(backend, ExternalBackend):
        shown = backend.certificate.mark if backend.certificate is not None else ""
        yield Declared(("https" if backend.tls else "http") + shown, backend.host, backend.port, name)
        return
    scheme = _scheme(world.backends[backend])
    service = backend.service
    for host in (f"{service.name}.{service.namespace}.svc", f"{service.name}.{service.namespace}.svc.cluster.local"):
        yield Declared(scheme, host, backend.port, name)


def _scheme(backend: Backend) -> str:
    return "http" if backend.tls is None else "https"


def _action(route: Route) -> JsonObject:
    match route.action:
        case Forward() as forward:
            return {"route": forward_action(route, forward)}
        case Respond(status, body, _):
            return {"direct_response": envoy.direct_response(status, body)}
        case _:
            # A redirect is no backend: who calls it gets no answer.
            return {"direct_response": envoy.direct_response(502, "")}


def _part(resource: JsonObject, before: Part | None) -> Part:
    return before if before is not None and before == resource else Part(resource)
