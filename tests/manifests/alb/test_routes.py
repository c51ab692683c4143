"""What a RoutePolicy says of a route."""

from __future__ import annotations

import pytest

from attached import manifests_of
from tidegate.diagnostics import Found
from tidegate.manifests.alb import RouteSettings, route_settings
from tidegate.manifests.schema.gateway_api import GROUP
from tidegate.model import CookieHash, ObjectKey, Timeouts

ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec: {rules: [{backendRefs: [{name: cart, port: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {ports: [{port: 80}]}
"""
POLICY = """
---
apiVersion: alb.networking.azure.io/v1
kind: RoutePolicy
metadata: {name: %s, namespace: shop}
spec:
  targetRef: {group: gateway.networking.k8s.io, kind: HTTPRoute, name: r%s}
  %s
"""
BALANCED = """
---
apiVersion: alb.networking.azure.io/v1
kind: BackendLoadBalancingPolicy
metadata: {name: b, namespace: shop}
spec: {targetRefs: [{targetRef: {group: "", kind: Service, name: cart}}], %s}
"""


def settings(*more: str) -> RouteSettings:
    return route_settings(manifests_of(ROUTE + "".join(more)), ObjectKey(GROUP, "HTTPRoute", "shop", "r"), Found())


def policy(default: str, name: str = "p", section: str = "") -> str:
    return POLICY % (name, section, default)


MANAGED = "default: {sessionAffinity: {affinityType: managed-cookie}}"


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ("default: {}", RouteSettings()),
        ("default: {timeouts: {}}", RouteSettings()),
        ("default: {timeouts: {routeTimeout: 1m30s}}", RouteSettings(Timeouts(90.0))),
        ("default: {timeouts: {routeTimeout: 0s}}", RouteSettings(Timeouts(0.0))),
        (MANAGED, RouteSettings(affinity=CookieHash("AGCAffinity", 86_400.0, managed=True))),
        (
            "default: {sessionAffinity: {affinityType: managed-cookie, cookieName: mine, cookieDuration: 1s}}",
            RouteSettings(affinity=CookieHash("AGCAffinity", 86_400.0, managed=True)),
        ),
        (
            "default: {sessionAffinity: {affinityType: application-cookie, cookieName: nomnom, cookieDuration: 1h}}",
            RouteSettings(affinity=CookieHash("nomnom", 3600.0, managed=True)),
        ),
        (
            "default: {sessionAffinity: {affinityType: application-cookie, cookieName: nomnom}}",
            RouteSettings(affinity=CookieHash("nomnom")),
        ),
        ("override: {timeouts: {routeTimeout: 1s}}", RouteSettings()),
    ],
)
def test_settings(default: str, expected: RouteSettings) -> None:
    """A timeout of 0 is none; a managed cookie is always the same; one with a duration is the gateway's to give."""
    assert settings(policy(default)) == expected


def test_several_policies() -> None:
    """The oldest that has nothing wrong with it."""
    first, second = policy("default: {timeouts: {routeTimeout: 1s}}", "a"), policy(MANAGED, "b")
    assert settings(first, second) == RouteSettings(Timeouts(1.0))
    broken = policy("default: {timeouts: {routeTimeout: 1s}}", "a", ", sectionNames: [x]")
    assert settings(broken, second).affinity is not None
    assert settings() == RouteSettings()


@pytest.mark.parametrize(
    ("balancing", "sticks"),
    [
        ("circuitBreaker: {}", True),
        ("loadBalancing: {strategy: ring-hash}", True),
        ("loadBalancing: {}", False),
        ("loadBalancing: {strategy: least-request}", False),
        ("loadBalancing: {strategy: load-aware}", False),
        ("loadBalancing: {strategy: round-robin, slowStart: {window: 1s}}", False),
    ],
)
def test_sessions_stick_on_a_ring(balancing: str, sticks: bool) -> None:
    """Under another strategy the policy is not accepted, and its timeout has no effect either."""
    both = policy("default: {timeouts: {routeTimeout: 1s}, sessionAffinity: {affinityType: managed-cookie}}")
    made = settings(both, BALANCED % balancing)
    assert (made.affinity is not None, made.timeouts is not None) == (sticks, sticks)
