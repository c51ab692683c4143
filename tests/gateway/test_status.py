"""Statuses, word for word as the specification has them (`tidegate status -o json`)."""

from __future__ import annotations

import pytest

from gateway_certificates import authority
from gateway_lab import Lab, conditions

pytestmark = pytest.mark.e2e

API = "gateway.networking.k8s.io"


def reasons(status: dict[str, object]) -> dict[str, tuple[str, str, int]]:
    """Condition -> status, reason, observedGeneration."""
    found = status["conditions"]
    assert isinstance(found, (list, tuple))
    return {one["type"]: (one["status"], one["reason"], one["observedGeneration"]) for one in found}


def test_everything_is_well(lab: Lab) -> None:
    """The conditions of a class, a Gateway, its listener and a route, with their generations."""
    lab.http("v1")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: {name: ours, generation: 2}
        spec: {controllerName: tidegate.dev/gateway-controller}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge, generation: 7}
        spec:
          gatewayClassName: ours
          listeners: [{name: http, port: 80, protocol: HTTP}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop, generation: 3}
        spec:
          parentRefs: [{name: edge}]
          rules: [{backendRefs: [{name: v1, port: 80}]}]
    """)
    assert reasons(lab.status("GatewayClass", "ours", namespace=""))["Accepted"] == ("True", "Accepted", 2)
    gateway = lab.status("Gateway", "edge")
    assert reasons(gateway)["Accepted"] == ("True", "Accepted", 7)
    assert reasons(gateway)["Programmed"][1:] == ("Programmed", 7)
    assert gateway["addresses"] == [{"type": "IPAddress", "value": "127.0.0.1"}]
    (listener,) = gateway["listeners"]
    assert listener["name"] == "http"
    assert listener["attachedRoutes"] == 1
    kinds = sorted(listener["supportedKinds"], key=lambda kind: str(kind["kind"]))
    assert kinds == [{"group": API, "kind": "GRPCRoute"}, {"group": API, "kind": "HTTPRoute"}]
    found = reasons(listener)
    assert found["Accepted"] == ("True", "Accepted", 7)
    assert found["ResolvedRefs"] == ("True", "ResolvedRefs", 7)
    assert found["Conflicted"] == ("False", "NoConflicts", 7)
    (parent,) = lab.status("HTTPRoute", "shop")["parents"]
    assert parent["controllerName"] == "tidegate.dev/gateway-controller"
    assert parent["parentRef"]["name"] == "edge"
    assert reasons(parent) == {"Accepted": ("True", "Accepted", 3), "ResolvedRefs": ("True", "ResolvedRefs", 3)}


def test_kinds_by_protocol(lab: Lab) -> None:
    """supportedKinds follows the protocol."""
    lab.add(authority().secret("cert", "a.example.com"))
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners:
            - {name: http, port: 80, protocol: HTTP}
            - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: cert}]}}
            - {name: tls, port: 444, protocol: TLS, tls: {mode: Passthrough}}
            - {name: tcp, port: 445, protocol: TCP}
            - {name: udp, port: 446, protocol: UDP}
    """)
    listeners = lab.status("Gateway", "edge")["listeners"]
    assert {one["name"]: {kind["kind"] for kind in one["supportedKinds"]} for one in listeners} == {
        "http": {"HTTPRoute", "GRPCRoute"},
        "https": {"HTTPRoute", "GRPCRoute"},
        "tls": {"TLSRoute"},
        "tcp": {"TCPRoute"},
        "udp": {"UDPRoute"},
    }


def test_an_unknown_protocol(lab: Lab) -> None:
    """UnsupportedProtocol for that listener; the others serve."""
    lab.http("v1")
    lab.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners:
            - {name: odd, port: 81, protocol: example.com/carrier-pigeon}
            - {name: http, port: 80, protocol: HTTP}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: edge}]
          rules: [{backendRefs: [{name: v1, port: 80}]}]
        """,
        errors=True,
    )
    odd, _ = lab.status("Gateway", "edge")["listeners"]
    assert conditions(odd)["Accepted"] == "False/UnsupportedProtocol"
    assert reasons(lab.status("Gateway", "edge"))["Accepted"][:2] == ("True", "ListenersNotValid")
    assert "a.yaml:8" in lab.found()
    assert lab.get().who == "v1"


def test_addresses(lab: Lab) -> None:
    """spec.addresses: an address of this machine is bound; a type that nobody knows here is UnsupportedAddress."""
    lab.http("v1")
    lab.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          addresses: [{type: IPAddress, value: 127.0.0.3}]
          listeners: [{name: http, port: 80, protocol: HTTP}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: odd}
        spec:
          gatewayClassName: tidegate
          addresses: [{type: example.com/zone, value: north}]
          listeners: [{name: http, port: 80, protocol: HTTP}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: edge}]
          rules: [{backendRefs: [{name: v1, port: 80}]}]
        """,
        errors=True,
    )
    assert lab.get(address="127.0.0.3").who == "v1"
    assert lab.status("Gateway", "edge")["addresses"] == [{"type": "IPAddress", "value": "127.0.0.3"}]
    assert conditions(lab.status("Gateway", "odd"))["Accepted"] == "False/UnsupportedAddress"
    assert "a.yaml:15" in lab.found()


def test_infrastructure_labels_are_read(lab: Lab) -> None:
    """spec.infrastructure: labels and annotations are for resources that a cluster would make; nothing is refused."""
    lab.http("v1")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          infrastructure: {labels: {team: shop}, annotations: {example.com/cost: low}}
          listeners: [{name: http, port: 80, protocol: HTTP}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: edge}]
          rules: [{backendRefs: [{name: v1, port: 80}]}]
    """)
    assert lab.get().who == "v1"
    assert conditions(lab.status("Gateway", "edge"))["Accepted"] == "True"


def test_a_gateway_of_another_controller(lab: Lab) -> None:
    """Not ours: no status, no listener, no mistake."""
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: {name: theirs}
        spec: {controllerName: example.com/controller}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: theirs
          listeners: [{name: http, port: 80, protocol: HTTP}]
    """)
    assert lab.compilation is not None
    assert not [key for key in lab.compilation.statuses if key.name in {"theirs", "edge"}]


def test_the_classes_of_application_gateway_for_containers(lab: Lab) -> None:
    """azure-alb-external is served as it stands, with the annotations of both ways of deploying it."""
    lab.http("v1")
    lab.apply("""
        apiVersion: alb.networking.azure.io/v1
        kind: ApplicationLoadBalancer
        metadata: {name: alb}
        spec:
          associations: [/subscriptions/x/resourceGroups/y/providers/Microsoft.Network/virtualNetworks/z/subnets/alb]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata:
          name: edge
          annotations: {alb.networking.azure.io/alb-namespace: default, alb.networking.azure.io/alb-name: alb}
        spec:
          gatewayClassName: azure-alb-external
          listeners: [{name: http, port: 80, protocol: HTTP}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: edge}]
          rules: [{backendRefs: [{name: v1, port: 80}]}]
    """)
    assert lab.get().who == "v1"
    status = lab.status("ApplicationLoadBalancer", "alb")
    assert reasons(status)["Accepted"][:2] == ("True", "Accepted")
    assert reasons(status)["Deployment"][:2] == ("True", "Ready")


def test_a_partly_malformed_route(lab: Lab) -> None:
    """What is well formed of a route goes on; PartiallyInvalid says that some is left out."""
    lab.http("v1")
    lab.rules(
        """
        - {matches: [{path: {value: /good}}], backendRefs: [{name: v1, port: 80}]}
        - matches: [{path: {type: RegularExpression, value: "/bad(["}}]
          backendRefs: [{name: v1, port: 80}]
        """,
        errors=True,
    )
    assert lab.found() == ["a.yaml:8"]
    (parent,) = lab.status("HTTPRoute", "shop")["parents"]
    accepted, partly = reasons(parent)["Accepted"], reasons(parent).get("PartiallyInvalid")
    assert (accepted[0] == "True" and partly is not None and partly[0] == "True") or accepted[0] == "False"
    assert lab.get("/good").status in ({200} if accepted[0] == "True" else {503})
