"""Hostnames of routes and listeners: matching, intersection, isolation (HTTPRouteSpec.hostnames, Listener.hostname)."""

from __future__ import annotations

import pytest

from gateway_lab import Lab, parent_conditions

pytestmark = pytest.mark.e2e


def test_hosts_match_without_case_and_port(lab: Lab) -> None:
    """RFC 9110: hosts have no case; the port of the Host header is no part of the hostname."""
    lab.http("v1")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: edge}]
          hostnames: [shop.example.com]
          rules: [{backendRefs: [{name: v1, port: 80}]}]
    """)
    hosts = ("shop.example.com", "SHOP.Example.com", "shop.example.com:8080", "example.com", "a.shop.example.com")
    assert [lab.get(host=host).who for host in hosts] == ["v1", "v1", "v1", "404", "404"]


def test_wildcards_match_any_number_of_labels_but_not_none(lab: Lab) -> None:
    """`*.example.com`: every host below, the domain itself not."""
    lab.http("v1")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: edge}]
          hostnames: ["*.example.com"]
          rules: [{backendRefs: [{name: v1, port: 80}]}]
    """)
    hosts = ("a.example.com", "a.b.example.com", "example.com", "aexample.com")
    assert [lab.get(host=host).who for host in hosts] == ["v1", "v1", "404", "404"]


def test_routes_serve_the_intersection_with_their_listener(lab: Lab) -> None:
    """Only hostnames that both allow; a route without any takes the listener's, and none in common is no attachment."""
    lab.http("some", "all", "narrow", "none")
    lab.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners:
            - {name: wild, port: 80, protocol: HTTP, hostname: "*.example.com"}
            - {name: exact, port: 81, protocol: HTTP, hostname: very.specific.com}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: some}
        spec:
          parentRefs: [{name: edge, sectionName: wild}]
          hostnames: [a.example.com, a.other.com]
          rules: [{backendRefs: [{name: some, port: 80}]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: all}
        spec:
          parentRefs: [{name: edge, sectionName: wild}]
          rules: [{backendRefs: [{name: all, port: 80}]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: narrow}
        spec:
          parentRefs: [{name: edge, sectionName: exact}]
          hostnames: ["*.specific.com"]
          rules: [{backendRefs: [{name: narrow, port: 80}]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: none}
        spec:
          parentRefs: [{name: edge, sectionName: exact}]
          hostnames: [specific.com]
          rules: [{backendRefs: [{name: none, port: 80}]}]
        """,
        errors=True,
    )
    assert lab.get(host="a.example.com").who == "some"
    assert lab.get(host="b.example.com").who == "all"
    assert lab.get(host="a.other.com").status == 404
    assert lab.get(port=81, host="very.specific.com").who == "narrow"
    assert lab.get(port=81, host="less.specific.com").status == 404
    assert lab.get(port=81, host="specific.com").status == 404
    assert parent_conditions(lab.status("HTTPRoute", "none"))["Accepted"] == "False/NoMatchingListenerHostname"


def test_listeners_on_one_port_are_isolated(lab: Lab) -> None:
    """A request belongs to the most specific listener; routes of the others do not answer it (GEP-1364)."""
    lab.http("any", "wild", "deep", "exact")
    listeners = {"any": None, "wild": "*.example.com", "deep": "*.foo.example.com", "exact": "abc.foo.example.com"}
    hosts = "".join(
        f"    - {{name: {name}, port: 80, protocol: HTTP{f', hostname: {host!r}' if host else ''}}}\n"
        for name, host in listeners.items()
    )
    routes = "".join(
        f"""---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: {name}}}
spec:
  parentRefs: [{{name: edge, sectionName: {name}}}]
  rules: [{{matches: [{{path: {{value: /{name}}}}}], backendRefs: [{{name: {name}, port: 80}}]}}]
"""
        for name in listeners
    )
    gateway = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: edge}\n"
    lab.apply(f"{gateway}spec:\n  gatewayClassName: tidegate\n  listeners:\n{hosts}{routes}")
    table = {"bar.com": "any", "a.example.com": "wild", "a.foo.example.com": "deep", "abc.foo.example.com": "exact"}
    for host, listener in table.items():
        assert [lab.get(f"/{name}", host=host).who for name in listeners] == [
            name if name == listener else "404" for name in listeners
        ], host


def test_a_route_may_name_the_same_host_as_another(lab: Lab) -> None:
    """Routes of different objects for one host are one table."""
    lab.http("cart", "pay")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: cart}
        spec:
          parentRefs: [{name: edge}]
          hostnames: [shop.example.com]
          rules: [{matches: [{path: {value: /cart}}], backendRefs: [{name: cart, port: 80}]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: pay}
        spec:
          parentRefs: [{name: edge}]
          hostnames: [shop.example.com, pay.example.com]
          rules: [{matches: [{path: {value: /pay}}], backendRefs: [{name: pay, port: 80}]}]
    """)
    assert lab.get("/cart", host="shop.example.com").who == "cart"
    assert lab.get("/pay", host="shop.example.com").who == "pay"
    assert lab.get("/pay", host="pay.example.com").who == "pay"
    assert lab.get("/cart", host="pay.example.com").who == "404"
