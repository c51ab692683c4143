"""GatewayClasses that are malformed or take our name."""

from __future__ import annotations

from compiling import codes, compiled, key
from tidegate.manifests.classes import ALB, OURS, TIDEGATE

GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: tidegate, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: tidegate}
spec: {controllerName: %s}
"""


def test_declared_class_wins_over_the_one_that_always_exists() -> None:
    """Also when it gives our name to somebody else."""
    assert {TIDEGATE, ALB} == OURS
    assert len(compiled(GATEWAY % ALB).world.gateways) == 1
    foreign = compiled(GATEWAY % "example.com/other")
    assert (codes(foreign), foreign.world.gateways) == (["TG4207"], ())
    assert key("GatewayClass", "tidegate", namespace="") not in foreign.statuses


def test_malformed_class_is_told_once() -> None:
    """Its Gateways wait; they are not at fault."""
    compilation = compiled(GATEWAY % "no-slash")
    assert (codes(compilation), compilation.world.gateways) == (["TG1114"], ())
