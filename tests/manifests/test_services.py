"""Services as routes see them."""

from __future__ import annotations

import pytest

from rules import read
from tidegate.manifests.services import APP_PROTOCOLS, Port, service_face, unsafe_host, why_not_outside
from tidegate.model import BackendProtocol, ObjectName

CART = ObjectName("shop", "cart")


def service(spec: str, more: str = "", metadata: str = "") -> str:
    return (
        "{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop"
        + metadata
        + "}, spec: {"
        + spec
        + "}}"
        + more
    )


def test_face_is_ports_and_nothing_else() -> None:
    """Selectors, annotations, endpoints and targetPorts change nothing that a route sees."""
    one, _ = read(service("ports: [{port: 80, name: http}], selector: {app: cart}"))
    other, _ = read(
        service(
            "ports: [{port: 80, name: http, targetPort: 8080}], publishNotReadyAddresses: true",
            metadata=', annotations: {tidegate.dev/endpoints: "127.0.0.1:8001"}',
        )
    )
    assert service_face(one, CART) == service_face(other, CART)
    assert service_face(one, ObjectName("shop", "films")) is None


def test_malformed_service_does_not_serve() -> None:
    """It is there all the same: missing and malformed have different answers."""
    manifests, _ = read(service("ports: {}"))
    face = service_face(manifests, CART)
    assert face is not None
    assert not face.serves


def test_one_number_for_tcp_and_udp() -> None:
    """Kubernetes lets both stand side by side."""
    manifests, _ = read(service("ports: [{port: 53, name: a}, {port: 53, name: b, protocol: UDP}]"))
    face = service_face(manifests, CART)
    assert face is not None
    assert face.port(53, "TCP") == Port(53, "a", "TCP", None)
    assert str(face.port(53, "UDP")) == "53/UDP (b)"
    assert face.port(54, "TCP") is None


@pytest.mark.parametrize("name", [*APP_PROTOCOLS, "HTTPS", "HTTP2", "gRPC"])
def test_app_protocols(name: str) -> None:
    """What HTTP/2 is in the name of is spoken to by HTTP/2; S at the end means TLS; case does not matter."""
    spoken = Port(80, "", "TCP", name).spoken
    assert spoken is not None
    plain = name.lower().rpartition("/")[2]
    two = plain in ("h2c", "http2", "h2", "grpc", "grpcs")
    assert spoken.protocol is (BackendProtocol.HTTP2 if two else BackendProtocol.HTTP1)
    assert spoken.tls == (plain in ("https", "wss", "h2", "grpcs"))
    assert spoken.websocket == plain.startswith("ws")
    assert Port(80, "", "TCP", "mysql").spoken is None


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("api.example.com", ""),
        ("svc.example.com", ""),
        ("localhost", "this machine"),
        ("a.localhost", "this machine"),
        ("kubernetes", "this machine"),
        ("books.library.svc", "inside the cluster"),
        ("books.library.svc.cluster.local", "inside the cluster"),
        ("books.library.svc.example.org", "inside the cluster"),
        ("printer.local", "inside the cluster"),
        ("metadata.google.internal", "metadata"),
    ],
)
def test_hosts_that_no_name_may_lead_to(host: str, why: str) -> None:
    """CVE-2021-25740: not into the cluster, not to this machine, not to a metadata service."""
    assert why in unsafe_host(host)
    assert bool(why) == bool(unsafe_host(host))


ALLOWED = (
    "\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: shop, annotations: {tidegate.dev/external-names: %s}}}"
)


@pytest.mark.parametrize(("answer", "allowed"), [("allow", True), ("deny", False), ('"true"', False)])
def test_namespace_allows_external_names(answer: str, *, allowed: bool) -> None:
    """The Namespace says so, in this one word, and not the Service."""
    manifests, _ = read(service("type: ExternalName, externalName: api.example.com", ALLOWED % answer))
    face = service_face(manifests, CART)
    assert face is not None
    assert (why_not_outside(CART, face) is None) == allowed
    assert face.port(1234, "TCP") == Port(1234, "", "TCP", None)


def test_allowed_names_still_lead_nowhere_unsafe() -> None:
    """The Namespace answers for hosts outside, not for those inside."""
    manifests, _ = read(service("type: ExternalName, externalName: a.b.svc", ALLOWED % "allow"))
    face = service_face(manifests, CART)
    assert face is not None
    assert why_not_outside(CART, face) is not None
