"""Statuses of policies: every reason with the least that gives it."""

from __future__ import annotations

import pytest

from attached import ancestors_of, manifests_of, reasons
from tidegate.diagnostics import Found
from tidegate.manifests.alb import policy_status, policy_statuses
from tidegate.manifests.schema.gateway_api import GROUP
from tidegate.model import ObjectKey, ObjectName

WORLD = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: tidegate, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec: {parentRefs: [{name: edge}], rules: [{timeouts: {request: 1s}, backendRefs: [{name: cart, port: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: broken, namespace: shop}
spec: 5
---
"""
ALB = "alb.networking.azure.io/v1"
CART = '{group: "", kind: Service, name: cart}'
R = "{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}"
EDGE = "{group: gateway.networking.k8s.io, kind: Gateway, name: edge}"


def document(kind: str, spec: str, name: str = "p", api: str = ALB) -> str:
    return f"apiVersion: {api}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{spec}}}\n---\n"


def standard(spec: str, name: str = "p") -> str:
    return document("BackendTLSPolicy", spec, name, f"{GROUP}/v1")


def another(text: str) -> str:
    """The same by a name that comes first."""
    return text + text.replace("name: p,", "name: first,")


FINE = f"targetRefs: [{CART}], validation: {{hostname: a.test, wellKnownCACertificates: System}}"
WITHOUT = FINE.replace("wellKnownCACertificates: System", 'caCertificateRefs: [{group: "", kind: ConfigMap, name: x}]')

CASES = [
    (document("HealthCheckPolicy", f"targetRef: {CART}"), "Accepted", "ResolvedRefs"),
    (document("HealthCheckPolicy", f"targetRef: {CART}, override: {{}}"), "OverrideNotSupported", "ResolvedRefs"),
    (
        document("HealthCheckPolicy", f"targetRef: {CART[:-1]}, sectionNames: [http]}}"),
        "SectionNamesNotPermitted",
        "ResolvedRefs",
    ),
    (
        document("HealthCheckPolicy", f"targetRef: {CART}".replace("Service", "Pod")),
        "InvalidHealthCheckPolicy",
        "InvalidKind",
    ),
    (
        document("HealthCheckPolicy", f"targetRef: {CART}".replace('""', "x")),
        "InvalidHealthCheckPolicy",
        "InvalidGroup",
    ),
    (
        document("HealthCheckPolicy", f"targetRef: {CART}".replace("cart", "nowhere")),
        "InvalidHealthCheckPolicy",
        "InvalidService",
    ),
    (
        document("HealthCheckPolicy", f"targetRef: {CART}".replace("cart", "cart, namespace: other")),
        "InvalidHealthCheckPolicy",
        "RefNotPermitted",
    ),
    (
        document("HealthCheckPolicy", f"targetRef: {CART}, default: {{useTLS: true}}"),
        "InvalidHealthCheckPolicy",
        "BackendTLSPolicyNotFound",
    ),
    (another(document("HealthCheckPolicy", f"targetRef: {CART}")), "Conflicted", "ResolvedRefs"),
    (document("RoutePolicy", f"targetRef: {R}"), "Accepted", "ResolvedRefs"),
    (
        document("RoutePolicy", f"targetRef: {R}, default: {{timeouts: {{routeTimeout: 1s}}}}"),
        "AcceptedWithTimeoutConflict",
        "ResolvedRefs",
    ),
    (document("RoutePolicy", f"targetRef: {R}, override: {{}}"), "OverrideNotSupported", "ResolvedRefs"),
    (
        document("RoutePolicy", f"targetRef: {R[:-1]}, sectionNames: [x]}}"),
        "SectionNamesNotPermitted",
        "ResolvedRefs",
    ),
    (document("RoutePolicy", f"targetRef: {CART}"), "InvalidRoutePolicy", "InvalidKind"),
    (document("RoutePolicy", f"targetRef: {R}".replace("gateway.", "x.")), "InvalidRoutePolicy", "InvalidGroup"),
    (document("RoutePolicy", f"targetRef: {R}".replace("r}", "x}")), "InvalidRoutePolicy", "InvalidHTTPRoute"),
    (document("RoutePolicy", f"targetRef: {R}".replace("HTTP", "GRPC")), "InvalidRoutePolicy", "InvalidGRPCRoute"),
    (
        document("RoutePolicy", f"targetRef: {R}".replace("r}", "r, namespace: other}")),
        "InvalidRoutePolicy",
        "RefNotPermitted",
    ),
    (another(document("RoutePolicy", f"targetRef: {R}")), "Conflicted", "ResolvedRefs"),
    (document("FrontendTLSPolicy", f"targetRef: {EDGE}"), "Accepted", "ResolvedRefs"),
    (document("FrontendTLSPolicy", f"targetRef: {EDGE}, override: {{}}"), "OverrideNotSupported", "ResolvedRefs"),
    (
        document("FrontendTLSPolicy", f"targetRef: {EDGE}, default: {{verify: {{caCertificateRef: {{name: x}}}}}}"),
        "InvalidFrontendTLSPolicy",
        "InvalidCertificateRef",
    ),
    (
        document(
            "FrontendTLSPolicy",
            f"targetRef: {EDGE}, default: {{verify: {{caCertificateRef: {{name: x, namespace: other}}}}}}",
        ),
        "InvalidFrontendTLSPolicy",
        "RefNotPermitted",
    ),
    (document("FrontendTLSPolicy", f"targetRef: {CART}"), "InvalidFrontendTLSPolicy", "InvalidKind"),
    (
        document("FrontendTLSPolicy", f"targetRef: {EDGE}".replace("edge", "x")),
        "InvalidFrontendTLSPolicy",
        "InvalidGateway",
    ),
    (
        document("FrontendTLSPolicy", f"targetRef: {EDGE[:-1]}, sectionNames: [x]}}"),
        "InvalidFrontendTLSPolicy",
        "InvalidGateway",
    ),
    (another(document("FrontendTLSPolicy", f"targetRef: {EDGE}")), "Conflicted", "ResolvedRefs"),
    (
        document("BackendLoadBalancingPolicy", f"targetRefs: [{{targetRef: {CART}}}]"),
        "Accepted",
        "ResolvedRefs",
    ),
    (
        document("BackendLoadBalancingPolicy", f"targetRefs: [{{targetRef: {CART}, ports: [{{port: 81}}]}}]"),
        "InvalidBackendLoadBalancingPolicy",
        "InvalidService",
    ),
    (
        another(document("BackendLoadBalancingPolicy", f"targetRefs: [{{targetRef: {CART}}}]")),
        "Conflicted",
        "ResolvedRefs",
    ),
    (document("BackendTLSPolicy", f"targetRef: {CART}, default: {{sni: a.test}}"), "Accepted", "ResolvedRefs"),
    (document("BackendTLSPolicy", f"targetRef: {CART}, override: {{}}"), "OverrideNotSupported", "ResolvedRefs"),
    (
        document("BackendTLSPolicy", f"targetRef: {CART}, default: {{verify: {{caCertificateRef: {{name: x}}}}}}"),
        "InvalidBackendTLSPolicy",
        "InvalidCertificateRef",
    ),
    (
        document("BackendTLSPolicy", f"targetRef: {CART}, default: {{clientCertificateRef: {{name: x}}}}"),
        "InvalidBackendTLSPolicy",
        "InvalidCertificateRef",
    ),
    (
        document("BackendTLSPolicy", f"targetRef: {CART}".replace("cart", "nowhere")),
        "InvalidBackendTLSPolicy",
        "ServiceNotFound",
    ),
    (
        document("BackendTLSPolicy", f"targetRef: {CART}, default: {{ports: [{{port: 81}}]}}"),
        "InvalidBackendTLSPolicy",
        "ServiceNotFound",
    ),
    (
        document("BackendTLSPolicy", f"targetRef: {CART}, default: {{sni: a.test}}") + standard(FINE, "other"),
        "Conflicted",
        "ResolvedRefs",
    ),
    (
        document("BackendTLSPolicy", f"targetRef: {CART}, default: {{sni: 5}}"),
        "InvalidBackendTLSPolicy",
        "ResolvedRefs",
    ),
    (standard(FINE), "Accepted", "ResolvedRefs"),
    (another(standard(FINE)), "Conflicted", "ResolvedRefs"),
    (standard(WITHOUT), "NoValidCACertificate", "InvalidCACertificateRef"),
    (standard(WITHOUT.replace("ConfigMap", "Vault")), "NoValidCACertificate", "InvalidKind"),
    (standard(FINE.replace("cart", "nowhere")), "TargetNotFound", "ResolvedRefs"),
    (standard(FINE.replace("cart}", "cart, sectionName: x}")), "TargetNotFound", "ResolvedRefs"),
    (standard(FINE.replace("Service", "Pod")), "Invalid", "ResolvedRefs"),
    (standard(FINE.replace("a.test", "5.5")), "Invalid", "ResolvedRefs"),
]


@pytest.mark.parametrize(("text", "accepted", "resolved"), CASES)
def test_reasons(text: str, accepted: str, resolved: str) -> None:
    """What the conditions of the policy `p` say."""
    assert reasons(manifests_of(WORLD + text)) == {"Accepted": accepted, "ResolvedRefs": resolved}


def test_a_malformed_target_has_its_own_finding() -> None:
    """Nothing more is found; the status says it."""
    text = document("HealthCheckPolicy", f"targetRef: {CART}".replace("cart", "broken"))
    manifests, found = manifests_of(WORLD + text), Found()
    policy_statuses(manifests, {}, found)
    assert not found
    assert reasons(manifests) == {"Accepted": "InvalidHealthCheckPolicy", "ResolvedRefs": "InvalidService"}


def test_no_more_ancestors_than_a_status_holds() -> None:
    """PolicyStatus: at most 16."""
    manifests = manifests_of(WORLD + standard(FINE))
    gateways = frozenset(ObjectKey(GROUP, "Gateway", "shop", f"g{number:02}") for number in range(20))
    status = policy_statuses(manifests, {ObjectName("shop", "cart"): gateways}, Found())
    (made,) = status.values()
    assert [each["ancestorRef"]["name"] for each in made["ancestors"]] == [f"g{number:02}" for number in range(16)]


def test_the_controller_is_the_gateways() -> None:
    """Tidegate's own where nobody says otherwise."""
    manifests = manifests_of(WORLD + standard(FINE))
    key = ObjectKey(GROUP, "BackendTLSPolicy", "shop", "p")
    gateway = ObjectKey(GROUP, "Gateway", "shop", "edge")
    ancestors = ancestors_of(manifests)
    said = [
        policy_status(manifests, key, ancestors, Found(), controllers=controllers)["ancestors"][0]["controllerName"]
        for controllers in ({}, {gateway: "example.com/own"})
    ]
    assert said == ["tidegate.dev/gateway-controller", "example.com/own"]


@pytest.mark.parametrize("kind", ["HealthCheckPolicy", "Service"])
def test_what_is_no_policy(kind: str) -> None:
    """Asking for it is a mistake of ours."""
    with pytest.raises(KeyError):
        policy_status(manifests_of(WORLD), ObjectKey("alb.networking.azure.io", kind, "shop", "x"), {}, Found())
