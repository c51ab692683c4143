"""HTTPRoutes to listeners (Gateway API, "Route attachment"), with the status of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import references as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.backends import Backends
from tidegate.manifests.conditions import ROUTE, JsonObject, condition
from tidegate.manifests.coverage import Coverage
from tidegate.manifests.hostnames import intersect
from tidegate.manifests.listeners import GatewayState, ListenerState
from tidegate.manifests.objects import Manifests, Object, State
from tidegate.manifests.plan import RoutePlan
from tidegate.manifests.precedence import precedence
from tidegate.manifests.routes import CLOSED, action_of, header_changes, matches_of
from tidegate.manifests.schema.core import Namespace
from tidegate.manifests.schema.gateway_api import GROUP, Gateway, HTTPRoute, ParentReference, RouteNamespaces
from tidegate.manifests.selectors import selects
from tidegate.model import Forward, ObjectKey, ObjectName, Route

ListenerId = tuple[ObjectName, int]
"""A Gateway and the index of its listener."""


@dataclass
class Attached:
    """Which routes stand at which listener."""

    routes: dict[ListenerId, list[RoutePlan]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[ListenerId, int] = field(default_factory=lambda: defaultdict(int))
    """HTTPRoutes that are accepted at the listener (ListenerStatus.attachedRoutes)."""
    statuses: dict[ObjectKey, JsonObject] = field(default_factory=dict)


@dataclass(frozen=True)
class _Rule:
    action: Forward
    index: int


def attach(
    gateways: Sequence[GatewayState],
    manifests: Manifests,
    *,
    backends: Backends,
    coverage: Coverage,
    found: Found,
) -> Attached:
    """Join every HTTPRoute with the listeners that it names and that let it in."""
    attached = Attached()
    by_name = {state.object.name: state for state in gateways}
    for route in manifests.of(HTTPRoute):
        rules: list[_Rule] = []
        resolved = "ResolvedRefs"
        for index in range(len(route.body.spec.rules)):
            action, reason = action_of(route, index, backends) if route.serves else (Forward(()), "ResolvedRefs")
            rules.append(_Rule(action, index))
            resolved = reason if resolved == "ResolvedRefs" else resolved
        if not route.body.spec.parent_refs:
            found.add(codes.NO_PARENT, at=route.at("metadata", "name"), route=route.key)
        parents: list[JsonObject] = []
        reached: set[ListenerId] = set()
        for index, parent in enumerate(route.body.spec.parent_refs):
            state = _parent(route, index, by_name, manifests, found)
            if state is None:
                continue
            accepted, listeners = _listeners(route, index, state, manifests, found)
            for listener, hostnames in listeners:
                id_ = (state.object.name, listener.index)
                if id_ not in reached:
                    reached.add(id_)
                    attached.counts[id_] += route.state is State.ACCEPTED
                    attached.routes[id_] += _plans(route, rules, state, hostnames, coverage)
            parents.append(_parent_status(route, parent, state, accepted=accepted, resolved=resolved))
        attached.statuses[route.key] = {"parents": parents}
    return attached


def _parent(
    route: Object[HTTPRoute],
    index: int,
    gateways: dict[ObjectName, GatewayState],
    manifests: Manifests,
    found: Found,
) -> GatewayState | None:
    parent = route.body.spec.parent_refs[index]
    place = route.at("spec", "parentRefs", index, "name")
    namespace = parent.namespace or route.key.namespace
    if (parent.group, parent.kind) != (GROUP, "Gateway"):
        found.add(
            codes.PARENT_NOT_FOUND,
            at=route.at("spec", "parentRefs", index, "kind"),
            route=route.key,
            parent=f"{parent.kind} {namespace}/{parent.name}",
            problem="Tidegate does not serve; it serves Gateways",
        )
        return None
    state = gateways.get(ObjectName(namespace, parent.name))
    key = ObjectKey(GROUP, "Gateway", namespace, parent.name)
    if state is not None or key in manifests.refused:
        return state
    known = [g.key.name for g in manifests.of(Gateway) if g.key.namespace == namespace]
    if parent.name not in known:
        found.add(
            codes.PARENT_NOT_FOUND,
            at=place,
            route=route.key,
            parent=key,
            problem="does not exist",
            help=did_you_mean(parent.name, known),
        )
    return None


def _listeners(
    route: Object[HTTPRoute], index: int, state: GatewayState, manifests: Manifests, found: Found
) -> tuple[str, list[tuple[ListenerState, tuple[str, ...]]]]:
    """The reason of the parent's Accepted condition, and the listeners reached with the hosts at which they meet."""
    parent = route.body.spec.parent_refs[index]
    gateway = state.object.key
    named = [
        listener
        for listener in state.listeners
        if parent.section_name in (None, listener.spec.name) and parent.port in (None, listener.spec.port)
    ]
    if not named:
        wanted = f"listener `{parent.section_name}`" if parent.section_name else "a listener"
        wanted += f" on port {parent.port}" if parent.port else ""
        known = [listener.spec.name for listener in state.listeners]
        found.add(
            codes.LISTENER_NOT_FOUND,
            at=route.at("spec", "parentRefs", index, "sectionName" if parent.section_name else "port"),
            route=route.key,
            wanted=wanted,
            gateway=gateway,
            help=did_you_mean(parent.section_name or "", known) or f"it has {', '.join(f'`{n}`' for n in known)}",
        )
        return "NoMatchingParent", []
    usable = [listener for listener in named if listener.takes_routes]
    allowed = [listener for listener in usable if _allows(listener, state, route, manifests)]
    if not allowed:
        if usable:  # otherwise the listeners' own findings say it
            found.add(
                codes.ROUTE_NOT_ALLOWED,
                at=route.at("spec", "parentRefs", index),
                gateway=gateway,
                namespace=route.key.namespace,
                listeners=" and ".join(f"`{listener.spec.name}`" for listener in usable),
                help="set `allowedRoutes.namespaces.from` of the listener to All, or move the route",
            )
        return "NotAllowedByListeners", []
    met = [(listener, intersect(listener.spec.hostname, route.body.spec.hostnames)) for listener in allowed]
    reached = [(listener, hostnames) for listener, hostnames in met if hostnames is not None]
    if not reached:
        found.add(
            codes.HOSTNAME_NO_MATCH,
            at=route.at("spec", "hostnames"),
            gateway=gateway,
            route=route.key,
            label=f"served are {', '.join(sorted({listener.spec.hostname or '*' for listener in allowed}))}",
        )
        return "NoMatchingListenerHostname", []
    return "Accepted", reached


def _allows(listener: ListenerState, state: GatewayState, route: Object[HTTPRoute], manifests: Manifests) -> bool:
    namespaces: RouteNamespaces = listener.spec.allowed_routes.namespaces
    match namespaces.from_:
        case "All":
            return True
        case "Same":
            return route.key.namespace == state.object.key.namespace
        case "Selector":
            declared = manifests.get(Namespace, group="", namespace="", name=route.key.namespace)
            labels = {"kubernetes.io/metadata.name": route.key.namespace}
            labels |= declared.body.metadata.labels if declared else {}
            return namespaces.selector is not None and selects(namespaces.selector, labels)
        case "None":
            return False


def _plans(
    route: Object[HTTPRoute], rules: list[_Rule], state: GatewayState, hostnames: tuple[str, ...], coverage: Coverage
) -> list[RoutePlan]:
    plans: list[RoutePlan] = []
    for each in rules:
        rule = route.body.spec.rules[each.index]
        request, response = header_changes(rule)
        scopes = coverage.of(state.object.key, route.key, rule.name)
        unaccepted = not route.serves or not state.object.serves
        closed = unaccepted or coverage.is_closed(state.object.key, route.key, rule.name)
        for position, match in enumerate(matches_of(rule)):
            plans.append(
                RoutePlan(
                    Route(
                        id=f"{route.name}#{each.index}.{position}",
                        hostnames=hostnames,
                        match=match,
                        action=CLOSED if closed else each.action,
                        owner=route.key,
                        span=route.at("spec", "rules", each.index),
                        request_headers=request,
                        response_headers=response,
                    ),
                    precedence(match, age=route.age_key, rule=each.index, position=position),
                    scopes=scopes,
                    closed=closed,
                )
            )
    return plans


def _parent_status(
    route: Object[HTTPRoute], parent: ParentReference, state: GatewayState, *, accepted: str, resolved: str
) -> JsonObject:
    message = ""
    if route.state is not State.ACCEPTED:
        kept = route.state is State.KEPT
        accepted = "UnsupportedValue"
        message = f"generation {route.generation} goes on" if kept else "its rules answer 503 until it is right"
    reference: JsonObject = {
        "group": parent.group,
        "kind": parent.kind,
        "namespace": parent.namespace or route.key.namespace,
        "name": parent.name,
    }
    if parent.section_name:
        reference["sectionName"] = parent.section_name
    if parent.port:
        reference["port"] = parent.port
    generation = route.newest_generation
    return {
        "parentRef": reference,
        "controllerName": state.controller,
        "conditions": [
            condition(
                ROUTE,
                type="Accepted",
                status=accepted == "Accepted",
                reason=accepted,
                generation=generation,
                message=message,
            ),
            condition(
                ROUTE,
                type="ResolvedRefs",
                status=resolved == "ResolvedRefs",
                reason=resolved,
                generation=generation,
            ),
        ],
    }
