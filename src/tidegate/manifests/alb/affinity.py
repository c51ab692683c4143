"""RoutePolicies and their routes: which policy a route follows, and whether its sessions can stick."""

from __future__ import annotations

from typing import Final, TypeAlias

from tidegate.manifests.alb.targets import policies_for
from tidegate.manifests.grants import permitted
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.alb import RoutePolicy
from tidegate.manifests.schema.gateway_api import GROUP, GRPCRoute, HTTPRoute
from tidegate.model import ObjectKey, ObjectName

AnyRoute: TypeAlias = Object[HTTPRoute] | Object[GRPCRoute]

KINDS: Final = ("HTTPRoute", "GRPCRoute")


def target_of(policy: Object[RoutePolicy]) -> ObjectKey:
    """What a policy names. The documentation's own sample has group "" for routes."""
    target = policy.body.spec.target_ref
    group = GROUP if target.group == "" and target.kind in KINDS else target.group
    return ObjectKey(group, target.kind, target.namespace or policy.key.namespace, target.name)


def policies_of_routes(manifests: Manifests, namespace: str) -> dict[ObjectKey, tuple[ObjectKey, ...]]:
    """The routes of a namespace that RoutePolicies name, each with its policies, the oldest first."""
    named: dict[ObjectKey, list[ObjectKey]] = {}
    for policy in sorted(policies_for(manifests, RoutePolicy, namespace), key=lambda each: each.age_key):
        target = target_of(policy)
        if target.namespace == namespace and permitted(manifests, referrer=policy.key, target=target):
            named.setdefault(target, []).append(policy.key)
    return {target: tuple(keys) for target, keys in sorted(named.items())}


def route_of(manifests: Manifests, key: ObjectKey) -> AnyRoute | None:
    """A route that a RoutePolicy may name."""
    if key.group != GROUP:
        return None
    if key.kind == "HTTPRoute":
        return manifests.get(HTTPRoute, group=GROUP, namespace=key.namespace, name=key.name)
    if key.kind == "GRPCRoute":
        return manifests.get(GRPCRoute, group=GROUP, namespace=key.namespace, name=key.name)
    return None


def services_of(route: AnyRoute) -> tuple[tuple[ObjectName, int], ...]:
    """The ports of Services that a route sends to, each once."""
    sent = {
        (ObjectName(reference.namespace or route.key.namespace, reference.name), reference.port or 0): None
        for rule in route.body.spec.rules
        for reference in rule.backend_refs
        if (reference.group, reference.kind) == ("", "Service")
    }
    return tuple(sent)


def services_with_affinity(manifests: Manifests) -> frozenset[ObjectName]:
    """The Services to which some route's sessions are meant to stick."""
    return frozenset(
        service
        for policy in manifests.of(RoutePolicy)
        if policy.body.spec.default is not None and policy.body.spec.default.session_affinity is not None
        if permitted(manifests, referrer=policy.key, target=target_of(policy))
        if (route := route_of(manifests, target_of(policy))) is not None
        for service, _ in services_of(route)
    )
