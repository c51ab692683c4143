"""Probes of policies and of pods."""

from __future__ import annotations

import pytest

from attached import manifests_of
from tidegate.diagnostics import Found
from tidegate.manifests.alb.health import by_default, from_policy, from_readiness, labelled_deployments
from tidegate.manifests.schema.alb import HealthCheckPolicy
from tidegate.manifests.schema.core import Service
from tidegate.model import GrpcProbe, HealthCheck, HttpProbe, TcpProbe

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart, tier: back}, ports: [{port: 80, targetPort: %s}]}
---
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart, tier: back}%s}
    spec:
      containers:
        - {name: side, readinessProbe: {tcpSocket: {port: 1}}}
        - name: cart
          ports: [{name: web, containerPort: 8080}, {name: admin, containerPort: 9000}]
          readinessProbe: %s
"""
LOCAL = ", annotations: {tidegate.dev/run: python app.py}"


def policy(default: str, target_port: str = "8080") -> HealthCheck:
    manifests = manifests_of(
        SERVICE % target_port
        + DEPLOYMENT % ("", "null")
        + f"""---
apiVersion: alb.networking.azure.io/v1
kind: HealthCheckPolicy
metadata: {{name: p, namespace: shop}}
spec: {{targetRef: {{group: "", kind: Service, name: cart}}, default: {default}}}
"""
    )
    (service,), (own,) = manifests.of(Service), manifests.of(HealthCheckPolicy)
    return from_policy(own, service, service.body.spec.ports[0], manifests)


@pytest.mark.parametrize(
    ("default", "target_port", "port", "tls"),
    [
        ("{}", "8080", None, None),
        ("{port: 8080}", "8080", None, None),
        ("{port: 8080}", "web", None, None),
        ("{port: 80}", "8080", 80, False),
        ("{port: 9000}", "web", 9000, False),
        ("{port: 9000, useTLS: true}", "web", 9000, True),
        ("{useTLS: true}", "web", None, True),
        ("{protocol: HTTPS}", "web", None, True),
        ("{protocol: HTTP}", "web", None, None),
    ],
)
def test_where_a_policy_asks(default: str, target_port: str, port: int | None, tls: bool | None) -> None:
    """A number that means the serving port stands for it; another port is asked in the clear unless TLS is said."""
    check = policy(default, target_port)
    assert (check.port, check.tls) == (port, tls)


def test_what_a_policy_asks() -> None:
    """Everything it may say, and the product's defaults for what it does not."""
    assert policy("{}") == HealthCheck(HttpProbe("/", "localhost"), 5.0, 30.0, 1, 3)
    assert policy("{grpc: {service: a.B}}").probe == GrpcProbe("a.B")
    assert policy("{interval: 1m, timeout: 500ms, healthyThreshold: 7, unhealthyThreshold: 8}") == HealthCheck(
        HttpProbe("/", "localhost"), 60.0, 0.5, 7, 8
    )


def ready(probe: str, *, local: bool = False, target_port: str = "8080") -> tuple[HealthCheck | None, list[str]]:
    manifests = manifests_of(SERVICE % target_port + DEPLOYMENT % (LOCAL if local else "", probe))
    (service,), found = manifests.of(Service), Found()
    labelled = labelled_deployments(manifests, "shop")
    check = from_readiness(manifests, service, service.body.spec.ports[0], labelled, found)
    return check, [each.message.rpartition(": ")[2] for each in found]


@pytest.mark.parametrize(
    ("probe", "expected"),
    [
        ("{httpGet: {port: web}}", HealthCheck(HttpProbe(), 10.0, 1.0, tls=False)),
        (
            "{httpGet: {port: admin, path: /r, scheme: HTTPS, httpHeaders: [{name: Host, value: h}]}}",
            HealthCheck(HttpProbe("/r", "h"), 10.0, 1.0, port=9000, tls=True),
        ),
        ("{tcpSocket: {port: 8080}, periodSeconds: 3}", HealthCheck(TcpProbe(), 3.0, 1.0)),
        (
            "{grpc: {port: 9000, service: a.B}, successThreshold: 2}",
            HealthCheck(GrpcProbe("a.B"), 10.0, 1.0, 2, port=9000),
        ),
    ],
)
@pytest.mark.parametrize("target_port", ["8080", "web"])
def test_readiness_probes(probe: str, expected: HealthCheck, target_port: str) -> None:
    """Of the container that serves the port, at the pods' addresses; ports by number and by name."""
    assert ready(probe, target_port=target_port) == (expected, [])


@pytest.mark.parametrize(
    ("probe", "local", "reason"),
    [
        ("{httpGet: {port: admin}}", True, "it asks port 9000, and a local process serves one port only"),
        ("{httpGet: {port: wbe}}", False, "no port of the container is called `wbe`"),
        ("{httpGet: {port: web, host: example.com}}", False, "it asks another host, `example.com`"),
        ("{tcpSocket: {port: web, host: example.com}}", False, "it asks another host, `example.com`"),
        ("{httpGet: {port: web, httpHeaders: [{name: X-A, value: '1'}]}}", False, "it sends the header `X-A`"),
    ],
)
def test_what_the_gateway_cannot_ask(probe: str, local: bool, reason: str) -> None:
    """Is left out, and told."""
    assert ready(probe, local=local) == (None, [reason])


def test_commands_are_the_kubelets() -> None:
    """Nothing that anybody wrote wrongly: not told."""
    assert ready("{exec: {command: [true]}}".replace("true", "'true'")) == (None, [])
    assert ready("null") == (None, [])


def test_other_pods() -> None:
    """A Service that selects by more labels, or by none, takes none of them."""
    text = DEPLOYMENT % ("", "{tcpSocket: {port: 8080}}")
    for selector in ("{app: cart, tier: front}", "{}"):
        manifests = manifests_of((SERVICE % "8080").replace("{app: cart, tier: back}", selector) + text)
        (service,) = manifests.of(Service)
        labelled = labelled_deployments(manifests, "shop")
        assert from_readiness(manifests, service, service.body.spec.ports[0], labelled, Found()) is None


def test_the_default_needs_endpoints_of_a_cluster() -> None:
    """Those of EndpointSlices."""
    assert by_default(()) is None
