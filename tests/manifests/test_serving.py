"""Backends: who is one, and the audiences of the gateway's proofs."""

from __future__ import annotations

from compiling import TESTDATA_BASE, compiled

SHOP = (TESTDATA_BASE / "shop.yaml").read_text("utf-8")
DEPLOYMENT = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}, annotations: {tidegate.dev/run: serve}}
    spec: {containers: [{name: cart}]}
"""
ROUTE = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules:
    - filters: [{type: RequestMirror, requestMirror: {backendRef: {name: stock, port: 80}}}]
      backendRefs: [{name: cart, port: 80}]
"""


def test_backends_are_what_somebody_sends_to() -> None:
    """Routes, mirrors included; a Service that nobody names is none."""
    assert not compiled(SHOP).world.backends
    compilation = compiled(SHOP + ROUTE)
    assert [str(id_) for id_ in compilation.world.backends] == ["shop/cart:80", "shop/stock:80"]
    assert compilation.world.directory.workload_audiences == ("cart.shop.svc", "stock.shop.svc")


def test_services_of_local_workloads_are_backends() -> None:
    """Every port that speaks HTTP, without any route; the token service knows their audience."""
    text = SHOP.replace("spec: {ports: [{name: http", "spec: {selector: {app: cart}, ports: [{name: http") + DEPLOYMENT
    compilation = compiled(text)
    assert [str(id_) for id_ in compilation.world.backends] == ["shop/cart:80", "shop/cart:9090"]
    assert compilation.world.directory.workload_audiences == ("cart.shop.svc",)
