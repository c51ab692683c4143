"""HTTPRoute: what is matched, and which of several matches wins (HTTPRouteMatch, HTTPRouteRule.matches)."""

from __future__ import annotations

import pytest

from gateway_lab import Lab

pytestmark = pytest.mark.e2e


def test_exact_paths(lab: Lab) -> None:
    """Exact: the whole path, case and trailing slash included; the query is no part of it."""
    lab.http("v1")
    lab.rules("""
        - matches: [{path: {type: Exact, value: /cart}}]
          backendRefs: [{name: v1, port: 80}]
    """)
    answers = {path: lab.get(path).status for path in ("/cart", "/cart?a=b", "/cart/", "/Cart", "/cart/1", "/")}
    assert answers == {"/cart": 200, "/cart?a=b": 200, "/cart/": 404, "/Cart": 404, "/cart/1": 404, "/": 404}


def test_prefixes_match_whole_path_elements(lab: Lab) -> None:
    """PathPrefix: by element; a trailing slash in the value changes nothing."""
    lab.http("v1", "v2")
    lab.rules("""
        - matches: [{path: {type: PathPrefix, value: /cart}}]
          backendRefs: [{name: v1, port: 80}]
        - matches: [{path: {type: PathPrefix, value: /pay/}}]
          backendRefs: [{name: v2, port: 80}]
    """)
    paths = ("/cart", "/cart/", "/cart/a/b", "/cart?x", "/cartoon", "/pay", "/pay/x", "/Cart")
    assert [lab.get(path).who for path in paths] == ["v1", "v1", "v1", "v1", "404", "v2", "v2", "404"]


def test_a_path_alone_is_a_prefix_and_no_match_is_every_path(lab: Lab) -> None:
    """The defaults: type PathPrefix, value `/`."""
    lab.http("v1", "v2")
    lab.rules("""
        - matches: [{path: {value: /cart}}]
          backendRefs: [{name: v1, port: 80}]
        - backendRefs: [{name: v2, port: 80}]
    """)
    assert [lab.get(path).who for path in ("/cart/1", "/", "/other")] == ["v1", "v2", "v2"]


def test_regular_expressions_match_the_whole_path(lab: Lab) -> None:
    """RegularExpression: RE2, anchored at both ends, without the query."""
    lab.http("v1")
    lab.rules("""
        - matches: [{path: {type: RegularExpression, value: "/orders/[0-9]+(/items)?"}}]
          backendRefs: [{name: v1, port: 80}]
    """)
    paths = ("/orders/7", "/orders/7/items", "/orders/7?a=b", "/orders/x", "/orders/7/items/1", "/a/orders/7")
    assert [lab.get(path).who for path in paths] == ["v1", "v1", "v1", "404", "404", "404"]


def test_headers_match_exactly_or_by_expression(lab: Lab) -> None:
    """Names without regard to case, values with; all headers of one match must hold."""
    lab.http("v1", "v2")
    lab.rules("""
        - matches:
            - headers: [{name: X-Color, value: blue}, {name: x-size, type: RegularExpression, value: "[0-9]+"}]
          backendRefs: [{name: v1, port: 80}]
        - matches: [{headers: [{type: Exact, name: x-color, value: green}]}]
          backendRefs: [{name: v2, port: 80}]
    """)
    assert lab.get("/", ("x-color", "blue"), ("X-Size", "10")).who == "v1"
    assert lab.get("/", ("X-COLOR", "green")).who == "v2"
    assert lab.get("/", ("x-color", "Green")).who == "404"
    assert lab.get("/", ("x-color", "blue")).who == "404"
    assert lab.get("/", ("x-color", "blue"), ("x-size", "10a")).who == "404"


def test_query_parameters_match_exactly_or_by_expression(lab: Lab) -> None:
    """Names and values with regard to case; the first of several equal names counts."""
    lab.http("v1", "v2")
    lab.rules("""
        - matches: [{queryParams: [{name: animal, value: whale}, {name: nr, type: RegularExpression, value: "[0-9]+"}]}]
          backendRefs: [{name: v1, port: 80}]
        - matches: [{queryParams: [{name: animal, value: dolphin}]}]
          backendRefs: [{name: v2, port: 80}]
    """)
    queries = ("?animal=whale&nr=1", "?nr=22&animal=whale", "?animal=dolphin", "?Animal=dolphin", "?animal=whale", "")
    assert [lab.get("/" + query).who for query in queries] == ["v1", "v1", "v2", "404", "404", "404"]


def test_methods(lab: Lab) -> None:
    """Each method that the specification names can be matched."""
    lab.http("v1")
    methods = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
    for method in methods:
        lab.rules(f"""
            - matches: [{{method: {method}}}]
              backendRefs: [{{name: v1, port: 80}}]
        """)
        others = [other for other in methods if other != method]
        assert lab.get(method=method).status == 200
        assert {lab.get(method=other).status for other in others[:2]} == {404}


def test_several_matches_are_alternatives(lab: Lab) -> None:
    """Of a rule's matches one must hold; of a match all parts."""
    lab.http("v1")
    lab.rules("""
        - matches:
            - {path: {type: Exact, value: /a}, method: POST}
            - {path: {type: Exact, value: /b}, headers: [{name: x-version, value: "2"}]}
          backendRefs: [{name: v1, port: 80}]
    """)
    assert lab.get("/a", method="POST").who == "v1"
    assert lab.get("/b", ("x-version", "2")).who == "v1"
    assert lab.get("/a").who == "404"
    assert lab.get("/b").who == "404"
    assert lab.get("/a", ("x-version", "2")).who == "404"


def test_precedence_within_a_route(lab: Lab) -> None:
    """Exact path, longest prefix, method, most headers, most query parameters; then the order of rules."""
    lab.http("exact", "long", "short", "method", "headers", "header", "query", "first", "second")
    lab.rules("""
        - {matches: [{path: {value: /}}], backendRefs: [{name: short, port: 80}]}
        - {matches: [{path: {value: /a}}], backendRefs: [{name: first, port: 80}]}
        - {matches: [{path: {value: /a}}], backendRefs: [{name: second, port: 80}]}
        - {matches: [{path: {value: /a}, queryParams: [{name: q, value: "1"}]}], backendRefs: [{name: query, port: 80}]}
        - {matches: [{path: {value: /a}, headers: [{name: h1, value: "1"}]}], backendRefs: [{name: header, port: 80}]}
        - matches: [{path: {value: /a}, headers: [{name: h1, value: "1"}, {name: h2, value: "1"}]}]
          backendRefs: [{name: headers, port: 80}]
        - {matches: [{path: {value: /a}, method: POST}], backendRefs: [{name: method, port: 80}]}
        - {matches: [{path: {value: /a/b/c}}], backendRefs: [{name: long, port: 80}]}
        - {matches: [{path: {type: Exact, value: /a/b}}], backendRefs: [{name: exact, port: 80}]}
    """)
    h1, h2 = ("h1", "1"), ("h2", "1")
    assert lab.get("/x").who == "short"
    assert lab.get("/a/x").who == "first"
    assert lab.get("/a?q=1").who == "query"
    assert lab.get("/a?q=1", h1).who == "header"
    assert lab.get("/a?q=1", h1, h2).who == "headers"
    assert lab.get("/a?q=1", h1, h2, method="POST").who == "method"
    assert lab.get("/a/b", h1, h2, method="POST").who == "exact"
    assert lab.get("/a/b/c/d", h1, h2, method="POST").who == "long"


def test_precedence_between_routes(lab: Lab) -> None:
    """The same order across routes; where all is equal the older route wins, then the smaller `namespace/name`."""
    lab.http("old", "young", "a", "b", "exact")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: a-young, creationTimestamp: "2026-02-01T00:00:00Z"}
        spec:
          parentRefs: [{name: edge}]
          rules:
            - {matches: [{path: {value: /age}}], backendRefs: [{name: young, port: 80}]}
            - {matches: [{path: {value: /exact}}], backendRefs: [{name: young, port: 80}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: z-old, creationTimestamp: "2026-01-01T00:00:00Z"}
        spec:
          parentRefs: [{name: edge}]
          rules:
            - {matches: [{path: {value: /age}}], backendRefs: [{name: old, port: 80}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: b, creationTimestamp: "2026-03-01T00:00:00Z"}
        spec:
          parentRefs: [{name: edge}]
          rules:
            - {matches: [{path: {value: /name}}], backendRefs: [{name: b, port: 80}]}
            - {matches: [{path: {type: Exact, value: /exact}}], backendRefs: [{name: exact, port: 80}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: a, creationTimestamp: "2026-03-01T00:00:00Z"}
        spec:
          parentRefs: [{name: edge}]
          rules:
            - {matches: [{path: {value: /name}}], backendRefs: [{name: a, port: 80}]}
    """)
    assert lab.get("/age").who == "old"
    assert lab.get("/name").who == "a"
    assert lab.get("/exact").who == "exact"


def test_a_more_specific_host_wins_before_any_path(lab: Lab) -> None:
    """Hostnames are compared first: exact, then the longest wildcard, then none."""
    lab.http("exact", "deep", "wild", "any")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: any}
        spec:
          parentRefs: [{name: edge}]
          rules: [{matches: [{path: {type: Exact, value: /a}}], backendRefs: [{name: any, port: 80}]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: wild}
        spec:
          parentRefs: [{name: edge}]
          hostnames: ["*.example.com"]
          rules: [{backendRefs: [{name: wild, port: 80}]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: deep}
        spec:
          parentRefs: [{name: edge}]
          hostnames: ["*.shop.example.com"]
          rules: [{backendRefs: [{name: deep, port: 80}]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: exact}
        spec:
          parentRefs: [{name: edge}]
          hostnames: [www.shop.example.com]
          rules: [{matches: [{path: {value: /}}], backendRefs: [{name: exact, port: 80}]}]
    """)
    hosts = ("www.shop.example.com", "a.shop.example.com", "a.b.shop.example.com", "a.example.com", "other.test")
    assert [lab.get("/a", host=host).who for host in hosts] == ["exact", "deep", "deep", "wild", "any"]


def test_named_rules_are_served(lab: Lab) -> None:
    """HTTPRouteRule.name: a name changes nothing of the traffic."""
    lab.http("v1", "v2")
    lab.rules("""
        - {name: cart, matches: [{path: {value: /cart}}], backendRefs: [{name: v1, port: 80}]}
        - {name: rest, backendRefs: [{name: v2, port: 80}]}
    """)
    assert [lab.get(path).who for path in ("/cart", "/")] == ["v1", "v2"]
