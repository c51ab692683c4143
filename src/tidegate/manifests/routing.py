"""Routes with everything that belongs to them: what their rules do at each listener, their policies, their status."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tidegate.incremental import Chunk, chunked
from tidegate.manifests.asking import Ask
from tidegate.manifests.attach import Met, Parent, attachments, counts, parent_reference, reached
from tidegate.manifests.attached import settings_of_route, speaks_tls, with_settings
from tidegate.manifests.backend_ids import PASSTHROUGH, UDP, presenting, spoken_as
from tidegate.manifests.client_validation import client_certificate
from tidegate.manifests.conditions import ROUTE, JsonObject, condition
from tidegate.manifests.coverage import covers_of, everything_closed
from tidegate.manifests.gateway_listeners import listener
from tidegate.manifests.grpc_routes import resolve_grpc_route
from tidegate.manifests.http_routes import resolve_http_route
from tidegate.manifests.listeners import ListenerId, gateway_serves
from tidegate.manifests.objects import Manifests, Object, State
from tidegate.manifests.plan import RoutePlan, Scope
from tidegate.manifests.precedence import precedence
from tidegate.manifests.references import Verdict
from tidegate.manifests.route_kinds import ROUTES, AnyRoute, find_route
from tidegate.manifests.routes import CLOSED, Resolution, Rule
from tidegate.manifests.schema.gateway_api import GRPCRoute, HTTPRoute, TCPRoute, TLSRoute, UDPRoute
from tidegate.manifests.services import Port, ServiceFace, service_face
from tidegate.manifests.stream_routes import StreamResolution, resolve_stream_route
from tidegate.model import (
    BackendId,
    Forward,
    Mirror,
    ObjectKey,
    ObjectName,
    Route,
    StreamRoute,
    WeightedBackend,
)
from tidegate.model.routes import Action

HTTP_KINDS = ("GRPCRoute", "HTTPRoute")


@dataclass(frozen=True, slots=True)
class StreamPlan:
    """A stream route and where it stands among others of its listener: the oldest first."""

    order: tuple[bool, str, str, int]
    route: StreamRoute


@dataclass(frozen=True, slots=True)
class AtListener:
    """What one route, or several, bring to one listener."""

    plans: tuple[RoutePlan, ...] = ()
    streams: tuple[StreamPlan, ...] = ()
    count: int = 0
    """Of routes that are accepted there (ListenerStatus.attachedRoutes)."""

    @property
    def backends(self) -> Iterator[BackendId]:
        """That its routes send to."""
        for plan in self.plans:
            yield from _named(plan.route.action)
        for stream in self.streams:
            yield from (w.backend for w in stream.route.backends if isinstance(w.backend, BackendId))


@dataclass(frozen=True)
class Routed:
    """All that some routes come to."""

    listeners: dict[ListenerId, AtListener] = field(default_factory=dict)
    statuses: dict[ObjectKey, JsonObject] = field(default_factory=dict)
    backends: frozenset[BackendId] = frozenset()
    """That they send to."""
    gateways: frozenset[tuple[ObjectName, ObjectName]] = frozenset()
    """Services, and Gateways by which requests reach them."""


# What routes look at, as queries: changes behind a Service, and of policies that say the same, do not reach a route.


def face_of(ask: Ask, service: ObjectName) -> ServiceFace | None:
    """A Service as routes see it."""
    return service_face(ask.manifests, service)


def http_resolution(ask: Ask, key: ObjectKey) -> Resolution:
    """The rules of an HTTPRoute or GRPCRoute, the same for all listeners."""

    def face(_: Manifests, service: ObjectName) -> ServiceFace | None:
        return ask.call(face_of, service)

    def has_tls(_: Manifests, service: ObjectName, port: Port) -> bool:
        return ask.call(speaks_tls, service, port.number)

    route = find_route(ask.manifests, key)
    match route:
        case Object(body=HTTPRoute()):
            http: Object[HTTPRoute] = route  # type: ignore[assignment]  # its body says so
            return resolve_http_route(ask.manifests, http, ask.found, service_of=face, has_tls=has_tls)
        case Object(body=GRPCRoute()):
            grpc: Object[GRPCRoute] = route  # type: ignore[assignment]  # the same
            return resolve_grpc_route(ask.manifests, grpc, ask.found, service_of=face, has_tls=has_tls)
    return Resolution(())


def stream_resolution(ask: Ask, key: ObjectKey, passthrough: bool) -> StreamResolution:  # noqa: FBT001 - an argument of a query has no name
    """The rules of a TLSRoute, TCPRoute or UDPRoute."""

    def face(_: Manifests, service: ObjectName) -> ServiceFace | None:
        return ask.call(face_of, service)

    route = find_route(ask.manifests, key)
    if route is None or not isinstance(route.body, (TLSRoute, TCPRoute, UDPRoute)):
        return StreamResolution(())
    stream: Object[TLSRoute] = route  # type: ignore[assignment]  # one of the three
    return resolve_stream_route(ask.manifests, stream, ask.found, passthrough=passthrough, service_of=face)


def plans_of(ask: Ask, key: ObjectKey) -> dict[ListenerId, AtListener]:
    """What one route brings to each listener that it reaches."""
    listeners = reached(ask.call(attachments, key)).values()
    make = http_plans if key.kind in HTTP_KINDS else stream_plans
    return {met.listener: ask.call(make, key, met) for met in listeners}


def http_plans(ask: Ask, key: ObjectKey, met: Met) -> AtListener:
    """What an HTTPRoute or GRPCRoute brings to one listener."""
    route = find_route(ask.manifests, key)
    if route is None:
        return AtListener()
    resolution = ask.call(http_resolution, key)
    spec = ask.call(listener, met.listener).spec
    covers: dict[str, tuple[tuple[Scope, ...], bool]] = {}
    plans: list[RoutePlan] = []
    for rule in resolution.rules:
        if rule.name not in covers:
            covers[rule.name] = covers_of(ask, met.listener, spec.name, key, rule.name or None)
        plans += _rule_plans(ask, route, met, rule.at_listener(port=spec.port), covers[rule.name])
    accepted = resolution.accepted.reason == "Accepted"
    return AtListener(tuple(plans), count=int(accepted and counts(route)))


def _rule_plans(
    ask: Ask, route: Object[AnyRoute], met: Met, rule: Rule, covers: tuple[tuple[Scope, ...], bool]
) -> Iterator[RoutePlan]:
    gateway = met.listener.gateway
    scopes, covered = covers
    closed = covered or not route.serves or not ask.call(gateway_serves, gateway)
    settings = settings_of_route(ask, route.key)
    action: Action = CLOSED if closed else _presented(ask, gateway, with_settings(rule.action, settings))
    grpc = route.key.kind == "GRPCRoute"
    for position, ranked in enumerate(rule.matches):
        yield RoutePlan(
            Route(
                id=f"{'grpc/' if grpc else ''}{route.name}#{rule.index}.{position}",
                hostnames=met.hostnames,
                match=ranked.match,
                action=action,
                owner=route.key,
                span=route.at("spec", "rules", rule.index),
                request_headers=rule.request_headers,
                response_headers=rule.response_headers,
                cors=None if closed else rule.cors,
            ),
            # A GRPCRoute takes gRPC requests only, so it comes first: an HTTPRoute for `/` would leave it none.
            (
                not grpc,
                *precedence(ranked.match, age=route.age_key, rule=rule.index, position=position, rank=ranked.rank),
            ),
            scopes=scopes,
            closed=closed,
        )


def stream_plans(ask: Ask, key: ObjectKey, met: Met) -> AtListener:
    """What a TLSRoute, TCPRoute or UDPRoute brings to one listener."""
    route = find_route(ask.manifests, key)
    if route is None:
        return AtListener()
    state = ask.call(listener, met.listener)
    resolution = ask.call(stream_resolution, route.key, state.passes_through)
    kind = route.key.kind.removesuffix("Route").lower()
    plans = []
    for rule in resolution.rules:
        made = StreamRoute(
            id=f"{kind}/{route.name}#{rule.index}",
            hostnames=met.hostnames if route.key.kind == "TLSRoute" else (),
            backends=_stream_backends(ask, met.listener.gateway, rule.backends),
            owner=route.key,
            span=route.at("spec", "rules", rule.index),
        )
        plans.append(StreamPlan((*route.age_key, rule.index), made))
    return AtListener(streams=tuple(plans), count=int(counts(route)))


def _presented(ask: Ask, gateway: ObjectName, action: Action) -> Action:
    """The action with backends to which the Gateway shows a certificate of its own, where it has one."""
    if not isinstance(action, Forward) or ask.call(client_certificate, gateway).certificate is None:
        return action

    def own(id_: BackendId) -> BackendId:
        return _shown_to(ask, gateway, id_)

    def mirrors_of(mirrors: Iterable[Mirror]) -> tuple[Mirror, ...]:
        return tuple(replace(mirror, backend=own(mirror.backend)) for mirror in mirrors)

    def weighted(each: WeightedBackend) -> WeightedBackend:
        filters = each.filters
        if filters is not None and filters.mirrors:
            filters = replace(filters, mirrors=mirrors_of(filters.mirrors))
        backend = own(each.backend) if isinstance(each.backend, BackendId) else each.backend
        return WeightedBackend(backend, each.weight, filters)

    return replace(action, backends=tuple(map(weighted, action.backends)), mirrors=mirrors_of(action.mirrors))


def _shown_to(ask: Ask, gateway: ObjectName, id_: BackendId) -> BackendId:
    """The backend as a Gateway with a certificate of its own meets it: another one where TLS is spoken to it."""
    without = spoken_as(id_) in (PASSTHROUGH, UDP) or not ask.call(speaks_tls, id_.service, id_.port)
    return id_ if without else presenting(id_, gateway)


def _stream_backends(ask: Ask, gateway: ObjectName, backends: Iterable[WeightedBackend]) -> tuple[WeightedBackend, ...]:
    """The same for streams. None at all where the Gateway may not serve, or where a policy that may be for the backends
    cannot be read: bytes must not go in the clear by a file that is broken."""
    if not ask.call(gateway_serves, gateway) or ask.call(everything_closed):
        return ()
    if ask.call(client_certificate, gateway).certificate is None:
        return tuple(backends)
    return tuple(
        replace(each, backend=_shown_to(ask, gateway, each.backend)) if isinstance(each.backend, BackendId) else each
        for each in backends
    )


# Status.


def route_status(ask: Ask, key: ObjectKey) -> JsonObject:
    """`.status` of a route."""
    route = find_route(ask.manifests, key)
    parents = ask.call(attachments, key)
    if route is None:
        return {"parents": []}
    return {"parents": [_parent_status(ask, route, parent) for parent in parents]}


def _parent_status(ask: Ask, route: Object[AnyRoute], parent: Parent) -> JsonObject:
    accepted, partially, resolved = Verdict(parent.accepted, parent.message), None, Verdict("ResolvedRefs")
    if route.key.kind in HTTP_KINDS:
        rules = ask.call(http_resolution, route.key)
        resolved = rules.resolved
        if accepted.reason == "Accepted":
            accepted, partially = rules.accepted, rules.partially_invalid
    else:
        through = any(ask.call(listener, met.listener).passes_through for met in parent.met)
        resolved = ask.call(stream_resolution, route.key, through).resolved
    if route.state is not State.ACCEPTED:
        kept = route.state is State.KEPT
        message = f"generation {route.generation} goes on" if kept else "its rules answer 503 until it is right"
        accepted, partially = Verdict("UnsupportedValue", message), None
    generation = route.newest_generation
    conditions = [
        condition(
            ROUTE,
            type="Accepted",
            status=accepted.reason == "Accepted",
            reason=accepted.reason,
            generation=generation,
            message=accepted.message,
        ),
        condition(
            ROUTE,
            type="ResolvedRefs",
            status=resolved.reason == "ResolvedRefs",
            reason=resolved.reason,
            generation=generation,
            message=resolved.message,
        ),
    ]
    if partially is not None:
        conditions.append(
            condition(
                ROUTE,
                type="PartiallyInvalid",
                status=True,
                reason=partially.reason,
                generation=generation,
                message=partially.message,
            )
        )
    return {
        "parentRef": parent_reference(route, parent.index),
        "controllerName": parent.controller,
        "conditions": conditions,
    }


# All of them, in chunks.


def route_keys(ask: Ask) -> tuple[ObjectKey, ...]:
    """Every route, by kind, namespace and name."""
    return tuple(key for schema in ROUTES.values() for key in ask.manifests.keys(schema))


def route_chunks(ask: Ask) -> tuple[Chunk[ObjectKey], ...]:
    return chunked(ask.call(route_keys))


def routed_chunk(ask: Ask, chunk: Chunk[ObjectKey]) -> Routed:
    """What the routes of one chunk come to."""
    return _joined(_routed(ask, key) for key in chunk)


def routed(ask: Ask) -> Routed:
    """What all routes come to."""
    return _joined(ask.call(routed_chunk, chunk) for chunk in ask.call(route_chunks))


def _routed(ask: Ask, key: ObjectKey) -> Routed:
    plans = ask.call(plans_of, key)
    found = {(id_, listener.gateway) for listener, at in plans.items() for id_ in at.backends}
    return Routed(
        plans,
        {key: ask.call(route_status, key)},
        frozenset(id_ for id_, _ in found),
        frozenset((id_.service, gateway) for id_, gateway in found),
    )


def _named(action: Action) -> Iterator[BackendId]:
    if not isinstance(action, Forward):
        return
    yield from (mirror.backend for mirror in action.mirrors)
    for weighted in action.backends:
        if isinstance(weighted.backend, BackendId):
            yield weighted.backend
        if weighted.filters is not None:
            yield from (mirror.backend for mirror in weighted.filters.mirrors)


def _joined(parts: Iterable[Routed]) -> Routed:
    plans: dict[ListenerId, list[RoutePlan]] = {}
    streams: dict[ListenerId, list[StreamPlan]] = {}
    tally: dict[ListenerId, int] = {}
    statuses: dict[ObjectKey, JsonObject] = {}
    backends: set[BackendId] = set()
    gateways: set[tuple[ObjectName, ObjectName]] = set()
    for part in parts:
        for id_, at in part.listeners.items():
            plans.setdefault(id_, []).extend(at.plans)
            streams.setdefault(id_, []).extend(at.streams)
            tally[id_] = tally.get(id_, 0) + at.count
        statuses |= part.statuses
        backends |= part.backends
        gateways |= part.gateways
    listeners = {id_: AtListener(tuple(each), tuple(streams[id_]), tally[id_]) for id_, each in plans.items()}
    return Routed(listeners, statuses, frozenset(backends), frozenset(gateways))


def at_listener(ask: Ask, id_: ListenerId) -> AtListener:
    """What all routes bring to one listener."""
    return ask.call(routed).listeners.get(id_, AtListener())
