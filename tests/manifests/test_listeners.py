"""Listeners among each other: who is in whose way; the goldens show what each is told."""

from __future__ import annotations

import pytest

from compiling import compiled, key
from tidegate.diagnostics import Found
from tidegate.manifests.apiops import ArtifactMemory
from tidegate.manifests.gateway_status import refused_status
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.plan import Plan
from tidegate.manifests.resolve import resolve
from tidegate.sources import SourceSet


def test_status_of_a_gateway_that_cannot_be_read() -> None:
    """Neither accepted nor programmed."""
    assert [c["status"] for c in refused_status(3)["conditions"]] == ["False", "False"]


def test_nothing_resolves_to_nothing() -> None:
    """No files, no findings, an empty plan."""
    found, sources = Found(), SourceSet()
    gathered = gather(sources, Memory(), found)
    plan = resolve(
        gathered, sources, bind="127.0.0.1", replicas={}, run_workloads=True, before=ArtifactMemory(), found=found
    )
    assert (plan.gateways, dict(plan.backends), plan.workloads) == (Plan().gateways, {}, ())
    assert not found


HTTP, OTHER = "HTTP, hostname: a.example.com", "HTTP, hostname: b.example.com"
HTTPS, SAME = "HTTPS, hostname: a.example.com", "HTTPS, hostname: A.example.com"
TLS = "TLS, hostname: b.example.com, tls: {mode: Passthrough}"


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (HTTP, OTHER, "NoConflicts"),
        (HTTP, HTTP, "HostnameConflict"),
        (HTTP, "HTTP", "NoConflicts"),
        ("HTTP", "HTTP", "HostnameConflict"),
        (HTTP, HTTPS, "ProtocolConflict"),
        (HTTPS, TLS, "NoConflicts"),
        (HTTPS, TLS.replace("b.example", "a.example"), "ProtocolConflict"),
        (TLS, "TLS, hostname: b.example.com, tls: {certificateRefs: [{name: x}]}", "HostnameConflict"),
        ("TCP", HTTP, "ProtocolConflict"),
        ("TCP", "TCP", "ProtocolConflict"),
        ("UDP", "UDP", "ProtocolConflict"),
        ("UDP", HTTP, "NoConflicts"),
        ("UDP", "TCP", "NoConflicts"),
    ],
)
def test_two_on_one_port(one: str, other: str, reason: str) -> None:
    """Gateway API, "Distinct Listeners": both are in the conflict, whichever comes first."""
    for first, second in ((one, other), (other, one)):
        text = f"""
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: edge, namespace: shop}}
spec:
  gatewayClassName: tidegate
  listeners: [{{name: a, port: 443, protocol: {first}}}, {{name: b, port: 443, protocol: {second}}}]
"""
        listeners = compiled(text).statuses[key("Gateway", "edge")]["listeners"]
        said = [c["reason"] for each in listeners for c in each["conditions"] if c["type"] == "Conflicted"]
        assert said == [reason, reason]


def test_a_listener_that_has_lost_is_in_nobodys_way() -> None:
    """GEP-1713, "Listener Precedence": what an earlier object keeps out hinders neither its own set nor later ones."""
    text = "---".join(
        [
            """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  allowedListeners: {namespaces: {from: Same}}
  listeners: [{name: http, port: 80, protocol: HTTP, hostname: a.example.com}]
""",
            *(
                f"""
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {{name: {name}, namespace: shop}}
spec:
  parentRef: {{name: edge}}
  listeners:
    - {{name: fine, port: 80, protocol: HTTP, hostname: {name}.example.com}}
    - {{name: late, port: 80, protocol: TCP}}
    - {{name: twin, port: 81, protocol: TCP}}
    - {{name: pair, port: 81, protocol: TCP}}
"""
                for name in ("one", "two")
            ),
        ]
    )
    statuses = compiled(text).statuses
    assert statuses[key("Gateway", "edge")]["attachedListenerSets"] == 2
    for name in ("one", "two"):
        listeners = statuses[key("ListenerSet", name)]["listeners"]
        said = [c["reason"] for each in listeners for c in each["conditions"] if c["type"] == "Conflicted"]
        assert said == ["NoConflicts", "ProtocolConflict", "ProtocolConflict", "ProtocolConflict"]


def test_a_gateway_with_parameters() -> None:
    """GatewayInfrastructure.parametersRef: not accepted, and an accepted version goes on."""
    plain = f"""
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: edge, namespace: shop}}
spec:
  gatewayClassName: tidegate
  listeners: [{{name: a, port: 80, protocol: {HTTP}}}]
"""
    asking = plain + "  infrastructure: {parametersRef: {group: example.com, kind: Size, name: large}}\n"
    for before, programmed in ((None, "Invalid"), (compiled(plain), "Programmed")):
        conditions = compiled(asking, previous=before).statuses[key("Gateway", "edge")]["conditions"]
        assert [c["reason"] for c in conditions[:2]] == ["InvalidParameters", programmed]
        assert conditions[0]["status"] == "False"
