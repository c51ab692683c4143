"""All that policies say of one port of a Service."""

from __future__ import annotations

import pytest

from attached import manifests_of
from tidegate.diagnostics import Found
from tidegate.manifests.alb import BackendSettings, ServiceFacts, backend_settings, service_facts
from tidegate.manifests.alb.health import DEFAULT
from tidegate.model import HealthCheck, HttpProbe, LoadBalancing, LoadBalancingStrategy, ObjectName, TcpProbe

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{port: 80, targetPort: 8080}]}
"""
SLICE = """
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: cart-1, namespace: shop, labels: {kubernetes.io/service-name: cart}}
addressType: IPv4
endpoints: [{addresses: [10.0.0.1]}]
ports: [{port: 8080}]
"""
GATEWAY = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: %s, listeners: [{name: http, port: 80, protocol: HTTP}]}
"""
DEPLOYMENT = """
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}%s}
    spec: {containers: [{name: cart, readinessProbe: {tcpSocket: {port: 8080}}}]}
"""
POLICY = """
---
apiVersion: alb.networking.azure.io/v1
kind: HealthCheckPolicy
metadata: {name: p, namespace: shop}
spec: {targetRef: {group: "", kind: Service, name: cart}, default: {http: {path: /h}}}
"""
CART = ObjectName("shop", "cart")


def check(text: str) -> HealthCheck | None:
    return backend_settings(manifests_of(text), CART, 80, Found()).health_check


def test_the_order_of_probes() -> None:
    """The policy's, else the pods' readinessProbe, else the default."""
    everything = SERVICE + SLICE + GATEWAY % "azure-alb-external" + DEPLOYMENT % ""
    policy, ready, default = (
        check(everything + POLICY),
        check(everything),
        check(everything.replace("app: cart}%s", "")),
    )
    assert policy is not None
    assert policy.probe == HttpProbe("/h", "localhost")
    assert ready == HealthCheck(TcpProbe(), interval_s=10.0, timeout_s=1.0)
    assert default == ready
    assert check(SERVICE + SLICE + GATEWAY % "azure-alb-external") == DEFAULT


@pytest.mark.parametrize(
    "text",
    [
        SERVICE + SLICE,
        SERVICE + SLICE + GATEWAY % "tidegate",
        SERVICE + GATEWAY % "azure-alb-external",
        SERVICE.replace("name: cart", "name: cart, annotations: {tidegate.dev/endpoints: '127.0.0.1:8001'}")
        + GATEWAY % "azure-alb-external",
    ],
)
def test_nobody_is_probed_unasked(text: str) -> None:
    """But for the product's Gateways and the endpoints of a cluster (decision 0008)."""
    assert check(text) is None


def test_a_ring_for_sessions_that_stick() -> None:
    """Unless a policy says how to balance: it has kept the RoutePolicy from being accepted."""
    manifests = manifests_of(SERVICE)
    plain = backend_settings(manifests, CART, 80, Found(), facts=ServiceFacts())
    ring = backend_settings(manifests, CART, 80, Found(), facts=ServiceFacts(affine=True))
    assert plain == BackendSettings()
    assert ring.load_balancing == LoadBalancing(LoadBalancingStrategy.RING_HASH)


def test_what_does_not_exist() -> None:
    """Nothing is said of it."""
    manifests = manifests_of(SERVICE)
    assert backend_settings(manifests, CART, 81, Found()) == BackendSettings()
    assert backend_settings(manifests, ObjectName("shop", "nowhere"), 80, Found()) == BackendSettings()


def test_a_service_that_is_a_name() -> None:
    """An ExternalName has no ports of its own: a policy for all of it holds at any."""
    text = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {type: ExternalName, externalName: cart.example.com}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: p, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: cart}]
  validation: {hostname: cart.example.com, wellKnownCACertificates: System}
"""
    tls = backend_settings(manifests_of(text), CART, 443, Found()).tls
    assert tls is not None
    assert tls.server_name == "cart.example.com"


def test_facts_are_what_would_be_looked_for() -> None:
    """Handed in or worked out, the same comes of them."""
    text = SERVICE + SLICE + GATEWAY % "azure-alb-external" + DEPLOYMENT % "" + POLICY
    manifests = manifests_of(text)
    facts = service_facts(manifests, CART)
    assert facts.product
    assert backend_settings(manifests, CART, 80, Found(), facts=facts) == backend_settings(manifests, CART, 80, Found())
