"""ApplicationLoadBalancer and the annotations of Gateways."""

from __future__ import annotations

import pytest

from attached import manifests_of
from tidegate.diagnostics import Found
from tidegate.manifests.alb import check_load_balancer, product_in_use
from tidegate.manifests.alb.load_balancers import load_balancer_status
from tidegate.manifests.schema.alb import ApplicationLoadBalancer
from tidegate.manifests.schema.gateway_api import Gateway

GROUP = "alb.networking.azure.io"
GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop, annotations: {%s}}
spec: {gatewayClassName: %s, listeners: [{name: http, port: 80, protocol: HTTP}]}
---
apiVersion: alb.networking.azure.io/v1
kind: ApplicationLoadBalancer
metadata: {name: alb-test, namespace: infra}
spec: {associations: []}
"""
ID = "/subscriptions/1/resourceGroups/g/providers/Microsoft.ServiceNetworking/trafficControllers/alb"


@pytest.mark.parametrize(
    ("annotations", "codes"),
    [
        ("", []),
        (f"{GROUP}/alb-id: {ID}", []),
        (f"{GROUP}/alb-name: alb-test, {GROUP}/alb-namespace: infra", []),
        (f"{GROUP}/alb-id: alb-test", ["TG4751"]),
        (f"{GROUP}/alb-id: {ID}, {GROUP}/alb-name: alb-test", ["TG4751"]),
        (f"{GROUP}/alb-name: alb-test", ["TG4751"]),
        (f"{GROUP}/alb-namespace: infra", ["TG4751"]),
        (f"{GROUP}/alb-name: albtest, {GROUP}/alb-namespace: infra", ["TG4750"]),
        (f"{GROUP}/alb-name: alb-test, {GROUP}/alb-namespace: shop", ["TG4750"]),
    ],
)
def test_annotations(annotations: str, codes: list[str]) -> None:
    """Brought along or managed, whole, and of one that exists; they mean nothing on other Gateways."""
    found = Found()
    manifests = manifests_of(GATEWAY % (annotations, "azure-alb-external"))
    check_load_balancer(manifests, manifests.of(Gateway)[0], found)
    assert [each.code.code for each in found] == codes
    other = manifests_of(GATEWAY % (annotations, "tidegate"))
    nothing = Found()
    check_load_balancer(other, other.of(Gateway)[0], nothing)
    assert not nothing


def test_whether_the_product_is_meant() -> None:
    """By the class's controller; by its name where no class is declared."""
    assert product_in_use(manifests_of(GATEWAY % ("", "azure-alb-external")))
    assert not product_in_use(manifests_of(GATEWAY % ("", "tidegate")))
    declared = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: ours}
spec: {controllerName: %s}
"""
    assert product_in_use(manifests_of(GATEWAY % ("", "ours") + declared % f"{GROUP}/alb-controller"))
    assert not product_in_use(manifests_of(GATEWAY % ("", "ours") + declared % "tidegate.dev/gateway-controller"))


def test_status() -> None:
    """Accepted, and deployed as it is here."""
    (one,) = manifests_of(GATEWAY % ("", "tidegate")).of(ApplicationLoadBalancer)
    conditions = load_balancer_status(one)["conditions"]
    assert [(c["type"], c["status"], c["reason"]) for c in conditions] == [
        ("Accepted", "True", "Accepted"),
        ("Deployment", "True", "Ready"),
    ]
