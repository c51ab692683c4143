"""CORS preflights reach the policies of the request that they ask about."""

from __future__ import annotations

from compiling import TESTDATA_BASE, compiled
from tidegate.model import Route

SHOP = (TESTDATA_BASE / "shop.yaml").read_text("utf-8")


def preflights(matches: str, *, cors: bool = True) -> list[Route]:
    """The routes of a rule with these matches that take OPTIONS."""
    element = "<cors><allowed-origins><origin>https://a.example.com</origin></allowed-origins></cors>" if cors else ""
    text = f"""
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: r, namespace: shop}}
spec:
  parentRefs: [{{name: edge}}]
  rules: [{{matches: {matches}, backendRefs: [{{name: cart, port: 80}}]}}]
---
apiVersion: tidegate.dev/v1alpha1
kind: ApimPolicy
metadata: {{name: p, namespace: shop}}
spec:
  targetRefs: [{{group: gateway.networking.k8s.io, kind: HTTPRoute, name: r}}]
  policy: {{inline: "<policies><inbound>{element}</inbound><backend><base /></backend></policies>"}}
"""
    compilation = compiled(SHOP + text)
    assert not compilation.has_errors, compilation.diagnostics
    (gateway,) = compilation.world.gateways
    return [r for r in gateway.listeners[0].routes if r.match.method == "OPTIONS"]


def test_route_with_a_method_gets_one_for_its_preflight() -> None:
    """By the method that the preflight asks about; the program is the route's own."""
    (route,) = preflights("[{path: {value: /a}, method: PUT}]")
    assert [(h.name, h.value) for h in route.match.headers] == [("access-control-request-method", "PUT")]
    assert route.match.path.value == "/a"
    assert route.program is not None


def test_route_with_headers_gets_one_for_each_method() -> None:
    """A preflight does not carry the headers that the route wants."""
    found = preflights("[{headers: [{name: x-a, value: '1'}]}]")
    assert [r.match.headers[0].value for r in found] == ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"]


def test_route_for_every_method_takes_preflights_itself() -> None:
    """Nothing is added where OPTIONS matches anyway, or where no policy answers preflights."""
    assert preflights("[{path: {value: /a}}]") == []
    assert preflights("[{path: {value: /a}, method: PUT}]", cors=False) == []
    (own,) = preflights("[{path: {value: /a}, method: OPTIONS}]")
    assert own.id == "shop/r#0.0"
