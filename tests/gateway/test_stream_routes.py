"""TLSRoute, TCPRoute, UDPRoute: connections and datagrams."""

from __future__ import annotations

import socket
import ssl

import pytest

from gateway_certificates import authority, names_of
from gateway_lab import Lab, conditions, parent_conditions
from stream_backends import tcp_echo

pytestmark = pytest.mark.e2e


def say(connection: socket.socket, text: str = "hello") -> str:
    """One line there and back; "" where the connection ends instead."""
    try:
        connection.sendall(f"{text}\n".encode())
        with connection.makefile("rb") as lines:
            return lines.readline().decode().strip()
    except (ConnectionError, ssl.SSLError):
        return ""


def who(lab: Lab, port: int, **how: object) -> str:
    """The backend that answered a connection of its own; "" for none."""
    try:
        with lab.connect(port, **how) as connection:  # type: ignore[arg-type]  # passed on
            return say(connection).partition(":")[0]
    except (ConnectionError, ssl.SSLError):
        return ""


def test_tcp_by_weight(lab: Lab) -> None:
    """Connections are shared by weight, and bytes pass both ways."""
    lab.http("v1", "v2", "v3", talk=tcp_echo)
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners: [{name: db, port: 5432, protocol: TCP, allowedRoutes: {kinds: [{kind: TCPRoute}]}}]
        ---
        apiVersion: gateway.networking.k8s.io/v1alpha2
        kind: TCPRoute
        metadata: {name: db}
        spec:
          parentRefs: [{name: edge, sectionName: db}]
          rules:
            - backendRefs:
                - {name: v1, port: 80, weight: 3}
                - {name: v2, port: 80, weight: 1}
                - {name: v3, port: 80, weight: 0}
    """)
    with lab.connect(5432) as connection:
        assert say(connection, "one").endswith(": one")
        assert say(connection, "two").endswith(": two")
    seen = [who(lab, 5432) for _ in range(100)]
    assert set(seen) == {"v1", "v2"}
    assert 55 < seen.count("v1") < 92
    assert parent_conditions(lab.status("TCPRoute", "db")) == {"Accepted": "True", "ResolvedRefs": "True"}


def test_tcp_to_nowhere_is_refused(lab: Lab) -> None:
    """A share that does not resolve is closed, the other goes on."""
    lab.http("v1", talk=tcp_echo)
    lab.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners: [{name: db, port: 5432, protocol: TCP}]
        ---
        apiVersion: gateway.networking.k8s.io/v1alpha2
        kind: TCPRoute
        metadata: {name: db}
        spec:
          parentRefs: [{name: edge}]
          rules: [{backendRefs: [{name: v1, port: 80, weight: 1}, {name: nowhere, port: 80, weight: 1}]}]
        """,
        errors=True,
    )
    seen = [who(lab, 5432) for _ in range(60)]
    assert set(seen) == {"v1", ""}
    assert 12 < seen.count("") < 48
    assert parent_conditions(lab.status("TCPRoute", "db"))["ResolvedRefs"] == "False/BackendNotFound"


PASSTHROUGH = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: tidegate
  listeners:
    - {name: tls, port: 443, protocol: TLS, tls: {mode: Passthrough}}
"""


def tls_route(name: str, *hosts: str) -> str:
    """A TLSRoute of these hosts to the Service of its name."""
    return f"""---
apiVersion: gateway.networking.k8s.io/v1
kind: TLSRoute
metadata: {{name: {name}}}
spec:
  parentRefs: [{{name: edge}}]
  hostnames: {list(hosts)}
  rules: [{{backendRefs: [{{name: {name}, port: 80}}]}}]
"""


def test_tls_passes_through_by_server_name(lab: Lab) -> None:
    """The handshake is the backend's: exact names before wildcards, unknown names get nothing."""
    for name, host in (("exact", "db.example.com"), ("wild", "*.example.com")):
        lab.http(name, talk=tcp_echo, tls=authority(name).server(host))
    lab.apply(PASSTHROUGH + tls_route("wild", "*.example.com") + tls_route("exact", "db.example.com"))
    assert who(lab, 443, tls=authority("exact").client(), server_name="db.example.com") == "exact"
    assert who(lab, 443, tls=authority("wild").client(), server_name="x.example.com") == "wild"
    assert who(lab, 443, tls=authority("wild").client(), server_name="elsewhere.test") == ""
    assert parent_conditions(lab.status("TLSRoute", "exact"))["Accepted"] == "True"
    assert lab.status("Gateway", "edge")["listeners"][0]["attachedRoutes"] == 2


def test_tls_is_terminated_here(lab: Lab) -> None:
    """mode Terminate: the listener's certificate, plain bytes to the backend."""
    lab.http("v1", talk=tcp_echo)
    lab.add(authority().secret("cert", "db.example.com"))
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners:
            - name: tls
              port: 8883
              protocol: TLS
              hostname: db.example.com
              tls: {mode: Terminate, certificateRefs: [{name: cert}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: TLSRoute
        metadata: {name: db}
        spec:
          parentRefs: [{name: edge}]
          hostnames: [db.example.com]
          rules: [{backendRefs: [{name: v1, port: 80}]}]
    """)
    with lab.connect(8883, tls=authority().client(), server_name="db.example.com") as connection:
        assert isinstance(connection, ssl.SSLSocket)
        assert names_of(connection.getpeercert(binary_form=True) or b"") == ["db.example.com"]
        assert say(connection) == "v1: hello"
    assert conditions(lab.status("Gateway", "edge")["listeners"][0])["Programmed"] == "True"


def test_passthrough_and_https_share_a_port(lab: Lab) -> None:
    """Each server name has its own way on one port."""
    lab.http("raw", talk=tcp_echo, tls=authority("raw").server("raw.example.com"))
    lab.http("v1")
    lab.add(authority().secret("cert", "www.example.com"))
    lab.apply(
        """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: tidegate
  listeners:
    - {name: tls, port: 443, protocol: TLS, hostname: raw.example.com, tls: {mode: Passthrough}}
    - name: https
      port: 443
      protocol: HTTPS
      hostname: www.example.com
      tls: {certificateRefs: [{name: cert}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: www}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: v1, port: 80}]}]
"""
        + tls_route("raw", "raw.example.com")
    )
    assert who(lab, 443, tls=authority("raw").client(), server_name="raw.example.com") == "raw"
    answer = lab.get(port=443, tls=authority().client(), server_name="www.example.com", host="www.example.com")
    assert answer.who == "v1"


def test_udp(lab: Lab) -> None:
    """Datagrams go to the backend, and answers find their way back to each client."""
    (v1,) = lab.udp("v1")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners: [{name: dns, port: 5353, protocol: UDP}]
        ---
        apiVersion: gateway.networking.k8s.io/v1alpha2
        kind: UDPRoute
        metadata: {name: dns}
        spec:
          parentRefs: [{name: edge}]
          rules: [{backendRefs: [{name: v1, port: 80}]}]
    """)

    def ask(text: str) -> str:
        with socket.socket(type=socket.SOCK_DGRAM) as client:
            client.settimeout(0.5)
            client.connect(("127.0.0.1", 5353 + lab.offset))
            try:
                client.send(text.encode())
                return client.recv(100).decode()
            except OSError:
                return ""

    assert lab.eventually(lambda: ask("ready") == "v1: ready")
    assert [ask(text) for text in ("a", "b")] == ["v1: a", "v1: b"]
    assert v1.received[-2:] == [b"a", b"b"]
    assert parent_conditions(lab.status("UDPRoute", "dns"))["Accepted"] == "True"
    assert lab.status("Gateway", "edge")["listeners"][0]["supportedKinds"][0]["kind"] == "UDPRoute"


def test_a_route_of_the_wrong_kind_does_not_attach(lab: Lab) -> None:
    """A TCPRoute at an HTTP listener: NotAllowedByListeners."""
    lab.http("v1", talk=tcp_echo)
    lab.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1alpha2
        kind: TCPRoute
        metadata: {name: db}
        spec:
          parentRefs: [{name: edge}]
          rules: [{backendRefs: [{name: v1, port: 80}]}]
        """,
        errors=True,
    )
    assert parent_conditions(lab.status("TCPRoute", "db"))["Accepted"] == "False/NotAllowedByListeners"
