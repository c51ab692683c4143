"""TLSRoutes, TCPRoutes and UDPRoutes: what the golden cases do not show."""

from __future__ import annotations

import pytest

from rules import SERVICES, codes_of, read
from tidegate.diagnostics import Found
from tidegate.manifests.schema.gateway_api import TCPRoute, TLSRoute
from tidegate.manifests.stream_routes import resolve_stream_route
from tidegate.model import BackendId, ObjectName, WeightedBackend

TLS = SERVICES + (
    "{apiVersion: gateway.networking.k8s.io/v1, kind: TLSRoute, metadata: {name: r, namespace: shop}, "
    "spec: {hostnames: [a.example.com], rules: [{name: only, backendRefs: [{name: cart, port: 80, weight: 3}]}]}}"
)


@pytest.mark.parametrize(("passthrough", "variant"), [(True, "passthrough"), (False, "tcp")])
def test_passthrough_is_a_backend_of_its_own(variant: str, *, passthrough: bool) -> None:
    """A BackendTLSPolicy must not wrap what is TLS already."""
    manifests, found = read(TLS)
    (route,) = manifests.of(TLSRoute)
    resolution = resolve_stream_route(manifests, route, found, passthrough=passthrough)
    (rule,) = resolution.rules
    assert (rule.index, rule.name) == (0, "only")
    assert rule.backends == (WeightedBackend(BackendId(ObjectName("shop", "cart"), 80, variant), 3),)


def test_rules_that_no_connection_reaches() -> None:
    """v1alpha2 allows several, but only the first can take anything."""
    manifests, _ = read(
        SERVICES + "{apiVersion: gateway.networking.k8s.io/v1alpha2, kind: TCPRoute, metadata: {name: r, namespace: "
        "shop}, spec: {rules: [{backendRefs: [{name: cart, port: 80}]}, {backendRefs: [{name: films, port: 80}]}]}}"
    )
    (route,) = manifests.of(TCPRoute)
    found = Found()
    assert len(resolve_stream_route(manifests, route, found).rules) == 2
    assert codes_of(found) == ["TG4608"]


def test_malformed_route_sends_nowhere() -> None:
    """Its connections are refused; its references are nobody's business."""
    manifests, _ = read(
        "{apiVersion: gateway.networking.k8s.io/v1alpha2, kind: TCPRoute, metadata: {name: r, namespace: shop}, "
        "spec: {rules: [{backendRefs: [{name: nobody, port: 80}], extra: 1}]}}"
    )
    (route,) = manifests.of(TCPRoute)
    found = Found()
    resolution = resolve_stream_route(manifests, route, found)
    assert [rule.backends for rule in resolution.rules] == [()]
    assert not codes_of(found)
