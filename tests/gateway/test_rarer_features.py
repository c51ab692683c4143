"""What few implementations claim: named gRPC rules, redirects of one backend, both TLS modes on one port."""

from __future__ import annotations

import pytest

from gateway_certificates import authority
from gateway_lab import Lab
from stream_backends import tcp_echo

pytestmark = pytest.mark.e2e


def test_named_rules_of_grpc_routes(lab: Lab) -> None:
    """GRPCRouteRule.name: a name changes nothing of the calls (GRPCRouteNamedRouteRule)."""
    lab.grpc("v1", "v2")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: {name: calls}
        spec:
          parentRefs: [{name: edge}]
          rules:
            - {name: cart, matches: [{method: {service: shop.Cart}}], backendRefs: [{name: v1, port: 80}]}
            - {name: rest, backendRefs: [{name: v2, port: 80}]}
    """)
    with lab.channel() as channel:
        answers = [channel.unary_unary(m)(b"a", timeout=60) for m in ("/shop.Cart/Get", "/shop.Stock/Get")]
    assert answers == [b"v1: a", b"v2: a"]


def test_a_backends_own_redirect(lab: Lab) -> None:
    """RequestRedirect at one backend answers its share, and no more (HTTPRouteBackendRequestRedirect)."""
    lab.http("v1", "v2")
    lab.rules("""
        - backendRefs:
            - name: v1
              port: 80
              filters: [{type: RequestRedirect, requestRedirect: {hostname: moved.example.com, statusCode: 307}}]
            - {name: v2, port: 80}
    """)
    seen = set()
    with lab.session() as session:
        for _ in range(40):
            answer = session.ask("/a", host="shop.example.com")
            seen.add((answer.status, answer.header("location")))
    assert seen == {(200, None), (307, "http://moved.example.com/a")}


def test_both_tls_modes_on_one_port(lab: Lab) -> None:
    """One server name is terminated here, the other passes through to its backend (TLSRouteModeMixed)."""
    lab.http("raw", talk=tcp_echo, tls=authority("raw").server("raw.example.com"))
    lab.http("v1", talk=tcp_echo)
    lab.add(authority().secret("cert", "here.example.com"))
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners:
            - {name: raw, port: 443, protocol: TLS, hostname: raw.example.com, tls: {mode: Passthrough}}
            - name: here
              port: 443
              protocol: TLS
              hostname: here.example.com
              tls: {mode: Terminate, certificateRefs: [{name: cert}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: TLSRoute
        metadata: {name: raw}
        spec:
          parentRefs: [{name: edge, sectionName: raw}]
          hostnames: [raw.example.com]
          rules: [{backendRefs: [{name: raw, port: 80}]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: TLSRoute
        metadata: {name: here}
        spec:
          parentRefs: [{name: edge, sectionName: here}]
          hostnames: [here.example.com]
          rules: [{backendRefs: [{name: v1, port: 80}]}]
    """)
    answers = []
    for trusted, host in ((authority("raw"), "raw.example.com"), (authority(), "here.example.com")):
        with lab.connect(443, tls=trusted.client(), server_name=host) as connection:
            connection.sendall(b"hello\n")
            answers.append(connection.makefile("rb").readline().decode().strip())
    assert answers == ["raw: hello", "v1: hello"]
