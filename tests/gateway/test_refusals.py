"""An implementation is trusted for what it refuses: the condition that the specification names, and file:line."""

from __future__ import annotations

import pytest

from gateway_lab import Lab, parent_conditions

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    "match",
    [
        'path: {type: RegularExpression, value: "/a("}',
        'path: {type: RegularExpression, value: "/a(?=b)"}',
        'headers: [{name: x, type: RegularExpression, value: "[z-a]"}]',
        'queryParams: [{name: x, type: RegularExpression, value: "*a"}]',
    ],
)
def test_invalid_regular_expressions(lab: Lab, match: str) -> None:
    """A pattern that RE2 does not read: told at its line, Envoy never sees it, and the rule serves nothing."""
    lab.http("v1", "v2")
    lab.apply(
        f"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {{name: bad}}
        spec:
          parentRefs: [{{name: edge}}]
          hostnames: [bad.example.com]
          rules:
            - matches:
                - {match}
              backendRefs: [{{name: v1, port: 80}}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {{name: good}}
        spec:
          parentRefs: [{{name: edge}}]
          hostnames: [good.example.com]
          rules: [{{backendRefs: [{{name: v2, port: 80}}]}}]
        """,
        errors=True,
    )
    assert lab.found() == ["a.yaml:10"]
    assert lab.get("/ab", ("x", "a"), host="bad.example.com").status in {404, 500, 503}
    assert lab.get(host="good.example.com").who == "v2"


def test_the_last_good_version_goes_on(lab: Lab) -> None:
    """Malformed after it was well: what served goes on serving until it is repaired."""
    lab.http("v1", "v2")
    good = "- {matches: [{path: {value: /a}}], backendRefs: [{name: v1, port: 80}]}"
    lab.rules(good)
    assert lab.get("/a").who == "v1"
    lab.rules(good.replace("value: /a", "type: Exactly, value: /a"), errors=True)
    assert lab.get("/a").who == "v1"
    assert lab.found() == ["a.yaml:7"]
    lab.rules(good.replace("v1", "v2"))
    assert lab.eventually(lambda: lab.get("/a").who == "v2")


def test_duplicate_names(lab: Lab) -> None:
    """Two objects of one name: told where both stand; never a mixture."""
    lab.http("v1", "v2")
    route = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: shop}
        spec:
          parentRefs: [{name: edge}]
          rules: [{backendRefs: [{name: %s, port: 80}]}]
        ---"""
    lab.apply(route % "v1" + route % "v2", errors=True)
    assert set(lab.found()) & {"a.yaml:4", "a.yaml:11"}
    assert set(lab.count(10)) <= {"v1", "503", "404", "500"}


def test_duplicate_listener_names(lab: Lab) -> None:
    """Listener names are unique in a Gateway."""
    lab.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners:
            - {name: http, port: 80, protocol: HTTP}
            - {name: http, port: 81, protocol: HTTP}
        """,
        errors=True,
    )
    assert "a.yaml:9" in lab.found()


def test_duplicate_rule_names(lab: Lab) -> None:
    """Rule names are unique in a route."""
    lab.http("v1")
    lab.rules(
        """
        - {name: one, backendRefs: [{name: v1, port: 80}]}
        - {name: one, matches: [{path: {value: /a}}], backendRefs: [{name: v1, port: 80}]}
        """,
        errors=True,
    )
    assert "a.yaml:8" in lab.found()


@pytest.mark.parametrize(
    "rule",
    [
        "filters: [{type: Teleport}]",
        "filters: [{type: ExtensionRef, extensionRef: {group: example.com, kind: Thing, name: x}}]",
        "filters: [{type: RequestRedirect, requestRedirect: {scheme: https}}], backendRefs: [{name: v1, port: 80}]",
        "filters: [{type: RequestHeaderModifier}], backendRefs: [{name: v1, port: 80}]",
        "matches: [{path: {type: Exact, value: relative}}], backendRefs: [{name: v1, port: 80}]",
        "matches: [{method: BREW}], backendRefs: [{name: v1, port: 80}]",
        "timeouts: {request: 1d}, backendRefs: [{name: v1, port: 80}]",
        "timeouts: {request: 1s, backendRequest: 2s}, backendRefs: [{name: v1, port: 80}]",
        "backendRefs: [{name: v1, port: 80, weight: -1}]",
        "backendRefs: [{name: v1}]",
        "backendRef: [{name: v1, port: 80}]",
    ],
)
def test_what_the_specification_forbids(lab: Lab, rule: str) -> None:
    """Told at its line; the rule does not serve as if the mistake were not there."""
    lab.http("v1")
    lab.rules(f"- {{{rule}}}", errors=True)
    assert "a.yaml:7" in lab.found()
    assert lab.get().status in {404, 500, 503}


def test_a_reference_without_a_grant(lab: Lab) -> None:
    """RefNotPermitted, 500, and the line."""
    lab.http("far", namespace="other")
    lab.rules("- backendRefs: [{name: far, namespace: other, port: 80}]", errors=True)
    assert lab.get().status == 500
    assert lab.found() == ["a.yaml:7"]
    assert parent_conditions(lab.status("HTTPRoute", "shop"))["ResolvedRefs"] == "False/RefNotPermitted"


@pytest.mark.parametrize(
    ("document", "lost"),
    [
        (
            """
            apiVersion: alb.networking.azure.io/v1
            kind: WebApplicationFirewallPolicy
            metadata: {name: waf}
            spec:
              targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: edge}
              webApplicationFirewall: {id: /subscriptions/x}
            """,
            "firewall",
        ),
        (
            """
            apiVersion: alb.networking.azure.io/v1
            kind: IngressExtension
            metadata: {name: more}
            spec: {rules: [{host: a.example.com}]}
            """,
            "Ingress",
        ),
    ],
)
def test_kinds_that_are_read_and_refused(lab: Lab, document: str, lost: str) -> None:
    """What cannot be honoured says what is lost."""
    compilation = lab.apply(document, errors=True)
    (found,) = [one for one in compilation.diagnostics if one.code.code == "TG1301"]
    assert found.span is not None
    assert found.span.file == "a.yaml"
    assert lost in found.message
