"""Backends: what is behind one port of a Service."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from rules import codes_of, read
from tidegate.diagnostics import Found
from tidegate.manifests.backends import audience, build_backend, served_ports
from tidegate.manifests.schema.core import Service
from tidegate.model import (
    Backend,
    BackendId,
    BackendProtocol,
    BackendTls,
    CircuitBreaker,
    Endpoint,
    HealthCheck,
    HttpProbe,
    LoadBalancing,
    LoadBalancingStrategy,
    ObjectName,
)

CART = ObjectName("shop", "cart")
TEXT = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {tidegate.dev/endpoints: "127.0.0.1:8001"}}
spec:
  ports:
    - {name: http, port: 80}
    - {name: two, port: 90, appProtocol: kubernetes.io/h2c}
    - {name: tls, port: 443, appProtocol: https}
    - {name: dns, port: 80, protocol: UDP}
---
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: shop}
spec: {type: ExternalName, externalName: api.example.com, ports: [{port: 443, targetPort: 8443}, {port: 80}]}
---
{apiVersion: v1, kind: Service, metadata: {name: broken, namespace: shop}, spec: {ports: [{port: 80, targetPort: []}]}}
---
"""
ALLOW = "{apiVersion: v1, kind: Namespace, metadata: {name: shop, annotations: {tidegate.dev/external-names: allow}}}"


TLS = BackendTls("cart.example.com", None)
BALANCING = LoadBalancing()
BREAKER = CircuitBreaker(1)
PROBES = HealthCheck(HttpProbe())


@dataclass(frozen=True)
class Settings:
    """What policies say."""

    tls: BackendTls | None = TLS
    load_balancing: LoadBalancing | None = BALANCING
    circuit_breaker: CircuitBreaker | None = BREAKER
    health_check: HealthCheck | None = PROBES
    closed: bool = False


def built(id_: BackendId, *, settings: Settings | None = None, more: str = "") -> tuple[Backend, Found]:
    manifests, found = read(TEXT + more)
    found = Found()
    return (
        build_backend(manifests, id_, settings=settings, replicas={}, run_workloads=False, found=found),
        found,
    )


@pytest.mark.parametrize(
    ("port", "variant", "protocol"),
    [
        (80, "", "HTTP/1.1"),
        (80, "h2c", "HTTP/2"),
        (80, "h2c+infra/edge", "HTTP/2"),
        (80, "+infra/edge", "HTTP/1.1"),
        (80, "tcp", "TCP"),
        (80, "passthrough", "TCP"),
        (80, "udp", "UDP"),
        (90, "", "HTTP/2"),
        (90, "tcp", "TCP"),
        (443, "", "HTTP/1.1"),
    ],
)
def test_protocol_is_the_ports_and_the_clients(port: int, variant: str, protocol: str) -> None:
    """GEP-1911; a GRPCRoute makes it HTTP/2, a stream makes it bytes."""
    backend, found = built(BackendId(CART, port, variant))
    assert backend.protocol is BackendProtocol(protocol)
    assert backend.endpoints == (Endpoint("127.0.0.1", 8001),)
    assert backend.audience == audience(CART) == "cart.shop.svc"
    assert not codes_of(found)


@pytest.mark.parametrize("variant", ["", "h2c", "tcp", "passthrough", "udp"])
def test_policies_reach_backends(variant: str) -> None:
    """But a connection that already is TLS gets no second one, and datagrams get neither TLS nor probes."""
    backend, _ = built(BackendId(CART, 80, variant), settings=Settings())
    assert (backend.tls is None) == (variant in ("passthrough", "udp"))
    assert (backend.health_check is None) == (variant == "udp")
    assert backend.load_balancing == BALANCING
    assert backend.circuit_breaker == BREAKER


@pytest.mark.parametrize(
    ("id_", "settings"),
    [
        (BackendId(CART, 80), Settings(closed=True)),
        (BackendId(ObjectName("shop", "nobody"), 80), None),
        (BackendId(ObjectName("shop", "broken"), 80), None),
        (BackendId(CART, 81), None),
        (BackendId(ObjectName("shop", "outside"), 443), None),
    ],
)
def test_what_has_no_endpoints_and_says_nothing(id_: BackendId, settings: Settings | None) -> None:
    """Closed by a policy, gone, malformed, without the port, or not allowed: others say why."""
    backend, found = built(id_, settings=settings)
    assert backend.endpoints == ()
    assert backend.hostname is None
    assert not codes_of(found)


def test_external_name_is_a_host() -> None:
    """Where the Namespace allows it; `targetPort` is the port there, if it is a number."""
    backend, _ = built(BackendId(ObjectName("shop", "outside"), 443), more=ALLOW)
    assert (backend.hostname, backend.hostname_port, backend.endpoints) == ("api.example.com", 8443, ())
    backend, _ = built(BackendId(ObjectName("shop", "outside"), 80), more=ALLOW)
    assert (backend.hostname, backend.hostname_port) == ("api.example.com", 80)


def test_ports_that_a_workload_serves() -> None:
    """Those that speak HTTP, in the Service's order."""
    manifests, _ = read(TEXT)
    service = manifests.get(Service, group="", namespace="shop", name="cart")
    assert service is not None
    assert served_ports(service) == (BackendId(CART, 80), BackendId(CART, 90), BackendId(CART, 443))


AFFINE = TEXT.replace("spec:\n  ports:", "spec:\n  sessionAffinity: ClientIP\n  ports:", 1)
TIMEOUT = AFFINE.replace("ClientIP\n", "ClientIP\n  sessionAffinityConfig: {clientIP: {timeoutSeconds: 10}}\n")


@pytest.mark.parametrize("text", [AFFINE, TIMEOUT])
def test_session_affinity_of_a_service(text: str) -> None:
    """ClientIP is a ring by the client's address, unless a policy says otherwise: then that is told."""
    manifests, read_found = read(text)
    assert codes_of(read_found) == ["TG1113"]  # the broken Service
    for settings, balancing, codes in (
        (None, LoadBalancing(LoadBalancingStrategy.RING_HASH, by_client_address=True), []),
        (Settings(load_balancing=None), LoadBalancing(LoadBalancingStrategy.RING_HASH, by_client_address=True), []),
        (Settings(), BALANCING, ["TG4615"]),
    ):
        found = Found()
        backend = build_backend(
            manifests, BackendId(CART, 80), settings=settings, replicas={}, run_workloads=False, found=found
        )
        assert backend.load_balancing == balancing
        assert codes_of(found) == codes
