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


def test_class_with_parameters_is_not_accepted() -> None:
    """GatewayClassReasonInvalidParameters: nothing here has parameters. Its Gateways wait; an accepted one goes on."""
    parameters = "{controllerName: tidegate.dev/gateway-controller, parametersRef: {group: a.b, kind: C, name: c}}"
    text = GATEWAY.replace("{controllerName: %s}", parameters)
    at_first = compiled(text)
    class_key = key("GatewayClass", "tidegate", namespace="")
    assert (codes(at_first), at_first.world.gateways) == (["TG1111"], ())
    (accepted,) = at_first.statuses[class_key]["conditions"]
    assert (accepted["status"], accepted["reason"]) == ("False", "InvalidParameters")
    good = compiled(GATEWAY % TIDEGATE)
    later = compiled(text, previous=good)
    assert later.snapshot.digest == good.snapshot.digest
    (accepted,) = later.statuses[class_key]["conditions"]
    assert (accepted["status"], accepted["message"]) == ("False", "generation 1 goes on")
