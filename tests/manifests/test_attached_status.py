"""Statuses of attached policies in a whole compilation: the Gateways that lead to a Service are its ancestors."""

from __future__ import annotations

from compiling import codes, compiled, key, status_text

WORLD = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop%s}
spec: {gatewayClassName: azure-alb-external, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: inner, namespace: shop}
spec: {gatewayClassName: tidegate, listeners: [{name: http, port: 81, protocol: HTTP}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {tidegate.dev/endpoints: "127.0.0.1:8001"}}
spec: {ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: cart, port: 80}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: p, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: cart}]
  validation: {hostname: cart.test, wellKnownCACertificates: System}
"""
SECOND = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: s, namespace: shop}
spec: {parentRefs: [{name: inner}], rules: [{backendRefs: [{name: cart, port: 80}]}]}
"""
KEY = key("BackendTLSPolicy", "p")


def test_ancestors() -> None:
    """Each Gateway that a route leads from, with its own controller; a new route brings one more."""
    one = compiled({"a.yaml": WORLD % ""})
    two = compiled({"a.yaml": WORLD % "", "b.yaml": SECOND}, previous=one)
    named = [
        {each["ancestorRef"]["name"]: each["controllerName"] for each in made.statuses[KEY]["ancestors"]}
        for made in (one, two)
    ]
    alb, own = "alb.networking.azure.io/alb-controller", "tidegate.dev/gateway-controller"
    assert named == [{"edge": alb}, {"edge": alb, "inner": own}]
    assert "Accepted=True Accepted" in status_text(two, "BackendTLSPolicy")


def test_load_balancers_of_gateways_are_looked_for() -> None:
    """Once for each Gateway of the product."""
    annotations = ", annotations: {alb.networking.azure.io/alb-name: a, alb.networking.azure.io/alb-namespace: b}"
    assert "TG4750" in codes(compiled(WORLD % annotations))
    assert "TG4750" not in codes(compiled(WORLD % ""))
