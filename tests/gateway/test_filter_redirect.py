"""RequestRedirect: scheme, host, port, path, status (HTTPRequestRedirectFilter)."""

from __future__ import annotations

import pytest

from gateway_lab import PREFIXES, Lab

pytestmark = pytest.mark.e2e


def redirect(lab: Lab, filter_: str, *, match: str = "/", path: str = "/a/b?c=d") -> tuple[int, str | None]:
    """The status and Location of one redirect."""
    lab.rules(f"""
        - matches: [{{path: {{value: {match}}}}}]
          filters: [{{type: RequestRedirect, requestRedirect: {filter_}}}]
    """)
    answer = lab.get(path, host="shop.example.com")
    return answer.status, answer.header("location")


@pytest.mark.parametrize(
    ("filter_", "location"),
    [
        ("{scheme: https}", "https://shop.example.com/a/b?c=d"),
        ("{hostname: other.example.com}", "http://other.example.com/a/b?c=d"),
        ("{port: 8443}", "http://shop.example.com:8443/a/b?c=d"),
        ("{scheme: https, port: 8443}", "https://shop.example.com:8443/a/b?c=d"),
        ("{scheme: https, port: 443}", "https://shop.example.com/a/b?c=d"),
        ("{port: 80}", "http://shop.example.com/a/b?c=d"),
        ("{scheme: https, hostname: other.example.com}", "https://other.example.com/a/b?c=d"),
        ("{path: {type: ReplaceFullPath, replaceFullPath: /new}}", "http://shop.example.com/new?c=d"),
        ("{path: {type: ReplacePrefixMatch, replacePrefixMatch: /new}}", "http://shop.example.com/new/a/b?c=d"),
    ],
)
def test_locations(lab: Lab, filter_: str, location: str) -> None:
    """What is not named stays; a port that the scheme implies is left out; the query goes along."""
    assert redirect(lab, filter_) == (302, location)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_statuses(lab: Lab, status: int) -> None:
    """Every status that the specification knows."""
    assert redirect(lab, f"{{scheme: https, statusCode: {status}}}") == (status, "https://shop.example.com/a/b?c=d")


@pytest.mark.parametrize(("path", "match", "replacement", "expected"), PREFIXES)
def test_replaced_prefixes(lab: Lab, path: str, match: str, replacement: str, expected: str) -> None:
    """The specification's own table."""
    filter_ = f"{{path: {{type: ReplacePrefixMatch, replacePrefixMatch: {replacement}}}}}"
    assert redirect(lab, filter_, match=match, path=path) == (302, f"http://shop.example.com{expected}")


def test_a_redirect_keeps_the_listeners_port(lab: Lab) -> None:
    """Neither scheme nor port given: the port of the listener, as the specification counts ports."""
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners: [{name: http, port: 8080, protocol: HTTP}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: edge}]
          rules:
            - matches: [{path: {value: /stay}}]
              filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: /x}}}]
            - matches: [{path: {value: /same}}]
              filters: [{type: RequestRedirect, requestRedirect: {scheme: http, hostname: a.test}}]
            - matches: [{path: {value: /secure}}]
              filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}]
    """)
    locations = [lab.get(path, port=8080, host="s.test").header("location") for path in ("/stay", "/same", "/secure")]
    assert locations == ["http://s.test:8080/x", "http://a.test/same", "https://s.test/secure"]


def test_http_to_https(lab: Lab) -> None:
    """The most usual redirect of all, with a listener for each scheme on the usual ports."""
    lab.rules("""
        - filters: [{type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301}}]
    """)
    answer = lab.get("/cart?id=1", host=f"shop.example.com:{80 + lab.offset}")
    assert (answer.status, answer.header("location")) == (301, "https://shop.example.com/cart?id=1")


def test_response_headers_of_a_redirect(lab: Lab) -> None:
    """A ResponseHeaderModifier beside it acts on the redirect as well."""
    lab.rules("""
        - filters:
            - {type: RequestRedirect, requestRedirect: {scheme: https}}
            - {type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: x-by, value: edge}]}}
    """)
    answer = lab.get()
    assert answer.status == 302
    assert answer.header("x-by") == "edge"
