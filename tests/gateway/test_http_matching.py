"""HTTPRoute: what is matched, and which match wins (HTTPRouteMatch, HTTPRouteRule.matches)."""

from __future__ import annotations

import pytest

from gateway_lab import Lab

pytestmark = pytest.mark.e2e


def test_exact_paths(lab: Lab) -> None:
    """Exact: the whole path, case and trailing slash included; the query is no part of it."""
    lab.http("v1")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: edge}]
          rules:
            - matches: [{path: {type: Exact, value: /cart}}]
              backendRefs: [{name: v1, port: 80}]
    """)
    answers = {path: lab.get(path).status for path in ("/cart", "/cart?a=b", "/cart/", "/Cart", "/cart/1", "/")}
    assert answers == {"/cart": 200, "/cart?a=b": 200, "/cart/": 404, "/Cart": 404, "/cart/1": 404, "/": 404}


def test_prefixes_match_whole_path_elements(lab: Lab) -> None:
    """PathPrefix: by element; a trailing slash in the value changes nothing."""
    lab.http("v1", "v2")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: edge}]
          rules:
            - matches: [{path: {type: PathPrefix, value: /cart}}]
              backendRefs: [{name: v1, port: 80}]
            - matches: [{path: {type: PathPrefix, value: /pay/}}]
              backendRefs: [{name: v2, port: 80}]
    """)
    answers = {path: lab.get(path).who for path in ("/cart", "/cart/", "/cart/a/b", "/cartoon", "/pay", "/pay/x")}
    assert answers == {
        "/cart": "v1", "/cart/": "v1", "/cart/a/b": "v1", "/cartoon": "404", "/pay": "v2", "/pay/x": "v2",
    }  # fmt: skip
