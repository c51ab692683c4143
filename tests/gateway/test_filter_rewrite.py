"""URLRewrite: host, full path, prefix, of rules and of backends (HTTPURLRewriteFilter)."""

from __future__ import annotations

import pytest

from gateway_lab import PREFIXES, Lab

pytestmark = pytest.mark.e2e


def test_hostname(lab: Lab) -> None:
    """The backend sees another Host; the path stays."""
    lab.http("v1")
    lab.rules("""
        - filters: [{type: URLRewrite, urlRewrite: {hostname: one.example.org}}]
          backendRefs: [{name: v1, port: 80}]
    """)
    answer = lab.get("/a?b=c", host="shop.example.com")
    assert answer.got("host") == "one.example.org"
    assert answer.path == "/a?b=c"


def test_full_path(lab: Lab) -> None:
    """The whole path, without the query."""
    lab.http("v1")
    lab.rules("""
        - matches: [{path: {value: /full}}]
          filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: /one/two}}}]
          backendRefs: [{name: v1, port: 80}]
    """)
    assert lab.get("/full/rest?q=1").path == "/one/two?q=1"
    assert lab.get("/full").path == "/one/two"


@pytest.mark.parametrize(("path", "match", "replacement", "expected"), PREFIXES)
def test_prefixes(lab: Lab, path: str, match: str, replacement: str, expected: str) -> None:
    """The specification's own table."""
    lab.http("v1")
    lab.rules(f"""
        - matches: [{{path: {{value: {match}}}}}]
          filters:
            - type: URLRewrite
              urlRewrite: {{path: {{type: ReplacePrefixMatch, replacePrefixMatch: {replacement}}}}}
          backendRefs: [{{name: v1, port: 80}}]
    """)
    assert lab.get(path + "?q=1").path == expected + "?q=1"


def test_host_and_prefix_with_a_header_filter(lab: Lab) -> None:
    """Filters of one rule act together."""
    lab.http("v1")
    lab.rules("""
        - matches: [{path: {value: /api}}]
          filters:
            - type: URLRewrite
              urlRewrite: {hostname: api.internal, path: {type: ReplacePrefixMatch, replacePrefixMatch: /v2}}
            - type: RequestHeaderModifier
              requestHeaderModifier: {set: [{name: x-by, value: edge}]}
          backendRefs: [{name: v1, port: 80}]
    """)
    answer = lab.get("/api/items")
    assert (answer.got("host"), answer.path, answer.got("x-by")) == ("api.internal", "/v2/items", "edge")


def test_a_prefix_is_replaced_literally(lab: Lab) -> None:
    r"""`\1` and `$1` in a replacement are text, not groups."""
    lab.http("v1")
    lab.rules(r"""
        - matches: [{path: {value: /a.b}}]
          filters:
            - type: URLRewrite
              urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: '/x$1'}}
          backendRefs: [{name: v1, port: 80}]
    """)
    assert lab.get("/a.b/c").path == "/x$1/c"
    assert lab.get("/aXb/c").status == 404


def test_a_backends_own_rewrite(lab: Lab) -> None:
    """A rewrite at one backend leaves the others alone."""
    lab.http("v1", "v2")
    lab.rules("""
        - matches: [{path: {value: /api}}]
          backendRefs:
            - name: v1
              port: 80
              filters:
                - type: URLRewrite
                  urlRewrite: {hostname: one.internal, path: {type: ReplacePrefixMatch, replacePrefixMatch: /one}}
            - name: v2
              port: 80
    """)
    seen = {}
    with lab.session() as session:
        for _ in range(40):
            answer = session.ask("/api/x", host="shop.example.com")
            seen[answer.who] = (answer.got("host"), answer.path)
    assert seen == {"v1": ("one.internal", "/one/x"), "v2": ("shop.example.com", "/api/x")}
