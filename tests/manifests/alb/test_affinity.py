"""Which routes RoutePolicies name, and which Services sessions are meant to stick to."""

from __future__ import annotations

from attached import manifests_of
from tidegate.manifests.alb.affinity import policies_of_routes, route_of, services_of, services_with_affinity
from tidegate.manifests.schema.gateway_api import GROUP
from tidegate.model import ObjectKey, ObjectName

ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  rules:
    - {backendRefs: [{name: cart, port: 80}, {name: cart, port: 80}, {name: stock, namespace: store, port: 81}]}
"""
POLICY = """
---
apiVersion: alb.networking.azure.io/v1
kind: RoutePolicy
metadata: {name: p, namespace: %s}
spec:
  targetRef: {group: gateway.networking.k8s.io, kind: HTTPRoute, name: r, namespace: shop}
  default: {sessionAffinity: {affinityType: managed-cookie}}
"""
GRANT = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: g, namespace: shop}
spec:
  from: [{group: alb.networking.azure.io, kind: RoutePolicy, namespace: other}]
  to: [{group: gateway.networking.k8s.io, kind: HTTPRoute}]
"""
KEY = ObjectKey(GROUP, "HTTPRoute", "shop", "r")


def test_the_services_of_a_route() -> None:
    """Each port once, in any namespace."""
    route = route_of(manifests_of(ROUTE), KEY)
    assert route is not None
    assert services_of(route) == ((ObjectName("shop", "cart"), 80), (ObjectName("store", "stock"), 81))


def test_a_policy_of_another_namespace_needs_a_grant() -> None:
    """Neither does it name the route without one, nor do sessions stick."""
    without, with_grant = manifests_of(ROUTE + POLICY % "other"), manifests_of(ROUTE + POLICY % "other" + GRANT)
    assert (policies_of_routes(without, "shop"), services_with_affinity(without)) == ({}, frozenset())
    assert [key.name for key in policies_of_routes(with_grant, "shop")[KEY]] == ["p"]
    assert services_with_affinity(with_grant) == {ObjectName("shop", "cart"), ObjectName("store", "stock")}


def test_nothing_sticks_without_affinity_or_route() -> None:
    """A policy for a route that is not there, and a route without a policy."""
    assert services_with_affinity(manifests_of(ROUTE)) == frozenset()
    assert services_with_affinity(manifests_of(POLICY % "shop")) == frozenset()
    assert route_of(manifests_of(ROUTE), ObjectKey("", "Service", "shop", "cart")) is None
