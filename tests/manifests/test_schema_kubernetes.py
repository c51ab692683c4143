"""Kubernetes' own kinds: rules of Services, slices and probes, each kept and broken once."""

from __future__ import annotations

import pytest

from schema_lab import Rule, holds, read
from tidegate.manifests.schema.apps import Deployment
from tidegate.manifests.schema.core import Service

PORT = "ports: [{port: 80}]"


def container(text: str) -> str:
    return (
        "{selector: {matchLabels: {app: a}}, template: {metadata: {labels: {app: a}}, "
        f"spec: {{containers: [{{name: a, {text}}}]}}}}}}"
    )


def probe(text: str) -> str:
    return container(f"readinessProbe: {{{text}}}")


SERVICES = [
    Rule(f"{{{PORT}, clusterIP: None}}", "{ports: [{port: 0}]}", "must be at least 1"),
    Rule("{type: ExternalName, externalName: a.example}", "{type: ExternalName}", "beside an `externalName`"),
    Rule(
        "{type: ExternalName, externalName: a.b}", "{type: ExternalName, externalName: 10.0.0.1}", "a lower-case host"
    ),
    Rule("{type: ExternalName, externalName: a.b}", "{type: ExternalName, externalName: '*.b'}", "without a wildcard"),
    Rule(f"{{{PORT}}}", f"{{{PORT}, externalName: a.b}}", "must be left out unless the type is ExternalName"),
    Rule(f"{{{PORT}, sessionAffinity: ClientIP}}", f"{{{PORT}, sessionAffinity: Cookie}}", "`None` or `ClientIP`"),
]
DEPLOYMENTS = [
    Rule(container("ports: [{containerPort: 80, name: http}]"), container("ports: [{name: http}]"), "containerPort"),
    Rule(probe("httpGet: {path: /ready, port: http}"), probe("httpGet: {path: /ready}"), "readinessProbe.httpGet.port"),
    Rule(probe("httpGet: {port: 80, scheme: HTTPS}"), probe("httpGet: {port: 80, scheme: https}"), "`HTTP` or `HTTPS`"),
    Rule(probe("grpc: {port: 9000, service: s}"), probe("grpc: {port: http}"), "must be a whole number"),
    Rule(
        probe("tcpSocket: {port: 80}, periodSeconds: 5"), probe("tcpSocket: {port: 80}, periodSeconds: 0"), "at least 1"
    ),
    Rule(probe("exec: {command: [a]}"), probe("execute: {command: [a]}"), "has no field"),
]


@pytest.mark.parametrize("each", SERVICES, ids=str)
def test_rule_of_services(each: Rule) -> None:
    """A spec that keeps it has no finding; one that breaks it has one, at the field that does."""
    holds("", "Service", each)


@pytest.mark.parametrize("each", DEPLOYMENTS, ids=str)
def test_rule_of_deployments(each: Rule) -> None:
    """The same for what health checks read of a Deployment."""
    holds("apps", "Deployment", each)


def test_probe_has_kubernetes_defaults() -> None:
    """Every 10 s, 1 s to answer, ready after one, not ready after three."""
    body, _ = read("apps", "Deployment", probe("httpGet: {port: 80}"))
    assert isinstance(body, Deployment)
    found = body.spec.template.spec.containers[0].readiness_probe
    assert found is not None
    assert (found.period_seconds, found.timeout_seconds) == (10, 1)
    assert (found.success_threshold, found.failure_threshold) == (1, 3)


def test_what_a_cluster_alone_does_is_accepted() -> None:
    """Addresses and traffic policies inside the cluster change nothing for a gateway outside of it."""
    body, findings = read("", "Service", f"{{{PORT}, clusterIP: 10.0.0.7, ipFamilies: [IPv4], trafficDistribution: x}}")
    assert isinstance(body, Service)
    assert findings == []
