"""References: what decides whether one resolves, and what does not."""

from __future__ import annotations

from typing import TypeVar

import pytest

from compiling import compiled
from rules import SERVICES, codes_of, read, resolve_all, rules_of
from tidegate.diagnostics import Found
from tidegate.manifests.http_routes import resolve_http_route
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.references import References
from tidegate.manifests.schema import Resource
from tidegate.manifests.schema.gateway_api import BackendObjectReference, HTTPRoute
from tidegate.manifests.services import Client, Port, ServiceFace
from tidegate.model import BackendId, Forward, ObjectName

R = TypeVar("R", bound=Resource)

KINDS = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"]
CLIENTS = {
    "HTTPRoute": Client.HTTP,
    "GRPCRoute": Client.GRPC,
    "TLSRoute": Client.TLS,
    "TCPRoute": Client.TCP,
    "UDPRoute": Client.UDP,
}


@pytest.mark.parametrize("granted", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_grants_are_for_one_kind_of_route(kind: str, granted: str) -> None:
    """A grant for HTTPRoutes is none for TCPRoutes, and so on."""
    manifests, found = read(
        f"""
{{apiVersion: v1, kind: Service, metadata: {{name: cart, namespace: stock}}, spec: {{ports: [
  {{name: a, port: 80}}, {{name: b, port: 80, protocol: UDP}}]}}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {{name: g, namespace: stock}}
spec:
  from: [{{group: gateway.networking.k8s.io, kind: {granted}, namespace: shop}}]
  to: [{{group: "", kind: Service}}]
---
apiVersion: gateway.networking.k8s.io/{"v1" if kind in KINDS[:3] else "v1alpha2"}
kind: {kind}
metadata: {{name: r, namespace: shop}}
spec:
  {"hostnames: [a.example.com]" if kind == "TLSRoute" else ""}
  rules: [{{backendRefs: [{{name: cart, namespace: stock, port: 80}}]}}]
"""
    )
    (resolution,) = resolve_all(manifests, found).values()
    assert resolution.resolved.reason == ("ResolvedRefs" if kind == granted else "RefNotPermitted")
    assert codes_of(found) == ([] if kind == granted else ["TG4102"])


def spoken_to(app_protocol: str | None, kind: str, *, tls: bool) -> tuple[BackendId | None, str]:
    """What a kind of route comes to at a port that says this of itself."""
    manifests, found = read(SERVICES + "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")
    owner = next(each for each in manifests if each.key.namespace == "shop")
    protocol = "UDP" if kind == "UDPRoute" else "TCP"

    def service_of(_manifests: Manifests, _name: ObjectName) -> ServiceFace:
        return ServiceFace((Port(80, "", protocol, app_protocol),))

    def has_tls(_manifests: Manifests, _name: ObjectName, _port: Port) -> bool:
        return tls

    references = References(manifests, owner, found, service_of, has_tls)
    reference = BackendObjectReference.model_validate({"name": "cart", "namespace": "shop", "port": 80})
    id_, verdict = references.resolve(reference, ("spec",), CLIENTS[kind])
    return id_, verdict.reason


@pytest.mark.parametrize(
    ("app_protocol", "http", "grpc"),
    [
        (None, "", "h2c"),
        ("http", "", "h2c"),
        ("kubernetes.io/h2c", "", ""),
        ("grpc", "", ""),
        ("kubernetes.io/ws", "", None),
        ("kubernetes.io/wss", None, None),
        ("https", None, None),
        ("mysql", None, None),
        ("example.com/custom", None, None),
    ],
)
def test_app_protocols_by_kind_of_route(app_protocol: str | None, http: str | None, grpc: str | None) -> None:
    """GEP-1911: what a route cannot speak is UnsupportedProtocol; streams speak anything."""
    for kind, variant in (("HTTPRoute", http), ("GRPCRoute", grpc)):
        id_, reason = spoken_to(app_protocol, kind, tls=False)
        assert (id_.variant if id_ else None) == variant
        assert reason == ("UnsupportedProtocol" if variant is None else "ResolvedRefs")
    for kind, variant in (("TLSRoute", "tcp"), ("TCPRoute", "tcp"), ("UDPRoute", "udp")):
        assert spoken_to(app_protocol, kind, tls=False) == (
            BackendId(ObjectName("shop", "cart"), 80, variant),
            "ResolvedRefs",
        )


@pytest.mark.parametrize("app_protocol", ["https", "kubernetes.io/wss", "grpcs"])
def test_tls_needs_a_policy(app_protocol: str) -> None:
    """With a BackendTLSPolicy the same ports resolve."""
    id_, reason = spoken_to(app_protocol, "HTTPRoute", tls=True)
    assert (id_, reason) == (BackendId(ObjectName("shop", "cart"), 80), "ResolvedRefs")


def test_malformed_service_is_no_missing_one() -> None:
    """It answers 503 until it is right; nothing is said of the route."""
    broken = "{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: {ports: {}}}\n---\n"
    resolution, found = rules_of("[{backendRefs: [{name: cart, port: 80}]}]", others=broken)
    (rule,) = resolution.rules
    assert isinstance(rule.action, Forward)
    assert rule.action.backends[0].backend == BackendId(ObjectName("shop", "cart"), 80)
    assert resolution.resolved.reason == "ResolvedRefs"
    assert codes_of(found) == ["TG1113"]


def test_malformed_grant_is_told_once() -> None:
    """Whoever relied on it is not at fault, but sends nowhere."""
    grant = (
        "{apiVersion: gateway.networking.k8s.io/v1, kind: ReferenceGrant, metadata: {name: g, namespace: stock}}\n---\n"
    )
    resolution, found = rules_of("[{backendRefs: [{name: cart, namespace: stock, port: 80}]}]", others=grant)
    assert resolution.resolved.reason == "RefNotPermitted"
    assert "malformed" in resolution.resolved.message
    assert codes_of(found) == ["TG1112"]


class Watched(Manifests):
    """Manifests that note which kinds were looked at, and how widely."""

    def __init__(self, inner: Manifests) -> None:
        super().__init__(inner, inner.refused)
        self._inner = inner
        self.looks: set[str] = set()

    def of(self, schema: type[R]) -> tuple[Object[R], ...]:
        self.looks.add(f"all {schema.__name__}")
        return self._inner.of(schema)

    def in_namespace(self, schema: type[R], namespace: str) -> tuple[Object[R], ...]:
        self.looks.add(f"{schema.__name__} in {namespace}")
        return self._inner.in_namespace(schema, namespace)

    def get(self, schema: type[R], *, group: str, namespace: str, name: str) -> Object[R] | None:
        self.looks.add(f"{schema.__name__} {name}")
        return self._inner.get(schema, group=group, namespace=namespace, name=name)


def test_routes_do_not_look_at_endpoints() -> None:
    """Nor at all objects of a kind: a change elsewhere does not concern a route. Who sends to nobody looks around."""
    text = SERVICES + (
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: %s, namespace: shop}, "
        "spec: {rules: [{backendRefs: [{name: %s, port: 80}]}]}}\n---\n"
    )
    manifests, _ = read(text % ("good", "cart"), text.removeprefix(SERVICES) % ("lost", "nobody"))
    looks: dict[str, set[str]] = {}
    for route in manifests.of(HTTPRoute):
        watched = Watched(manifests)
        resolve_http_route(watched, route, Found())
        looks[route.key.name] = watched.looks
    assert looks == {"good": {"Service cart"}, "lost": {"Service nobody", "Service in shop"}}


GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: tidegate, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: cart, port: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {tidegate.dev/endpoints: "127.0.0.1:8001"}}
spec: {ports: [{port: 80, targetPort: 8080}]}
"""


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("127.0.0.1:8001", "127.0.0.1:8002"),
        ("127.0.0.1:8001", ""),
        ("8080", "9090"),
        ("spec: {ports", "spec: {selector: {a: b}, ports"),
    ],
)
def test_what_is_behind_a_service_changes_no_route(was: str, now: str) -> None:
    """Endpoints move, and nothing of the gateways does: their routes are the same."""
    before = compiled(GATEWAY)
    after = compiled(GATEWAY.replace(was, now), previous=before)
    assert after.world.gateways == before.world.gateways
    again = compiled(GATEWAY.replace(was, now))
    assert again.world.backends == after.world.backends
