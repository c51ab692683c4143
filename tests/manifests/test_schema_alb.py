"""Kinds of Application Gateway for Containers: the rules of their CRDs and documentation, each kept and broken once."""

from __future__ import annotations

import pytest

from schema_lab import Rule, holds, read
from tidegate.manifests.schema.alb import GROUP, BackendLoadBalancingPolicy, FrontendTLSPolicy, HealthCheckPolicy

TARGET = "targetRef: {group: '', kind: Service, name: a, namespace: b}"
SECRET = "{group: '', kind: Secret, name: ca, namespace: b}"


def policy(text: str) -> str:
    return f"{{{TARGET}, default: {{{text}}}}}"


def balancing(text: str) -> str:
    return f"{{targetRefs: [{{{TARGET}, ports: [{{port: 443}}]}}], {text}}}"


def affinity(text: str) -> str:
    return policy(f"sessionAffinity: {{{text}}}")


RULES = [
    (
        "FrontendTLSPolicy",
        Rule(
            policy("policyType: {name: 2023-06-S, type: predefined}"),
            policy("policyType: {name: 2023-07, type: predefined}"),
            "must be `2023-06` or `2023-06-S`",
        ),
    ),
    (
        "FrontendTLSPolicy",
        Rule(
            policy(f"verify: {{caCertificateRef: {SECRET}, subjectAltNames: [a.b]}}"),
            policy("verify: {subjectAltNames: [a.b]}"),
            "needs `spec.default.verify.caCertificateRef`",
        ),
    ),
    (
        "BackendTLSPolicy",
        Rule(
            policy(f"sni: a.b, ports: [{{port: 443}}], verify: {{caCertificateRef: {SECRET}, subjectAltName: a.b}}"),
            policy("ports: [{port: 0}]"),
            "must be at least 1",
        ),
    ),
    ("BackendTLSPolicy", Rule(policy(f"clientCertificateRef: {SECRET}"), "{default: {}}", "needs `spec.targetRef`")),
    ("HealthCheckPolicy", Rule(policy("interval: 5s, timeout: 1.5s"), policy("interval: 0s"), "above 0s")),
    ("HealthCheckPolicy", Rule(policy("useTLS: true"), policy("useTls: true"), "no field `spec.default.useTls`")),
    ("HealthCheckPolicy", Rule(policy("healthyThreshold: 1"), policy("unhealthyThreshold: 0"), "must be at least 1")),
    (
        "HealthCheckPolicy",
        Rule(
            policy("http: {host: a.b, path: /healthz, match: {body: ok, statusCodes: [{start: 200, end: 200}]}}"),
            policy("http: {match: {statusCodes: [{start: 299, end: 200}]}}"),
            "statusCodes[0].end` must be at least `start`, which is 299",
        ),
    ),
    ("HealthCheckPolicy", Rule(policy("grpc: {}"), policy("grpc: {}, http: {}"), "default.grpc` must be left out")),
    ("HealthCheckPolicy", Rule(policy("http: {path: /a?b}"), policy("http: {path: a}"), "must be text of the form")),
    ("RoutePolicy", Rule(policy("timeouts: {routeTimeout: 0s}"), policy("timeouts: {routeTimeout: 5}"), "a duration")),
    (
        "RoutePolicy",
        Rule(
            affinity("affinityType: application-cookie, cookieName: c, cookieDuration: 1h"),
            affinity("affinityType: application-cookie"),
            "must be an application-cookie with its `cookieName`",
        ),
    ),
    (
        "HealthCheckPolicy",
        Rule(policy("protocol: HTTPS"), policy("protocol: HTTPS, useTLS: true"), "default.protocol` must be left out"),
    ),
    (
        "BackendLoadBalancingPolicy",
        Rule(
            balancing("loadBalancing: {strategy: least-request, slowStart: {window: 30s}}"),
            balancing("loadBalancing: {strategy: ring-hash, slowStart: {window: 30s}}"),
            "slowStart` must be left out: ring-hash has no slow start",
        ),
    ),
    (
        "BackendLoadBalancingPolicy",
        Rule(
            balancing("loadBalancing: {strategy: load-aware, loadAware: {namedMetrics: [gpu], blackoutPeriod: 5s}}"),
            balancing("loadBalancing: {loadAware: {}}"),
            "loadAware` must be left out unless the strategy is load-aware",
        ),
    ),
    (
        "BackendLoadBalancingPolicy",
        Rule(
            balancing("loadBalancing: {slowStart: {window: 1m, aggression: '0.5', startWeightPercent: 0}}"),
            balancing("loadBalancing: {slowStart: {window: 1m, aggression: '0.0'}}"),
            "aggression` must be a number above 0",
        ),
    ),
    (
        "BackendLoadBalancingPolicy",
        Rule(
            balancing("circuitBreaker: {maxConnections: 0}"),
            balancing("circuitBreaker: {maxRetries: -1}"),
            "must be at least 0",
        ),
    ),
    (
        "BackendLoadBalancingPolicy",
        Rule(balancing(""), "{targetRefs: [{ports: [{port: 1}]}]}", "must be a `targetRef`"),
    ),
    (
        "BackendLoadBalancingPolicy",
        Rule(
            balancing(""),
            f"{{targetRefs: [{{{TARGET}, name: a}}]}}",
            "targetRefs[0].name` must be left out where `targetRef` is given",
        ),
    ),
]


@pytest.mark.parametrize(("kind", "each"), RULES, ids=str)
def test_rule(kind: str, each: Rule) -> None:
    """A spec that keeps it has no finding; one that breaks it has one, at the field that does."""
    holds(GROUP, kind, each)


def test_both_shapes_of_a_target_are_one() -> None:
    """The CRD's nested one, and the documentation's flat one, of which a warning tells."""
    nested, none = read(GROUP, "BackendLoadBalancingPolicy", balancing(""))
    flat, warned = read(
        GROUP, "BackendLoadBalancingPolicy", "{targetRefs: [{group: '', kind: Service, name: a, namespace: b}]}"
    )
    assert isinstance(nested, BackendLoadBalancingPolicy)
    assert isinstance(flat, BackendLoadBalancingPolicy)
    assert nested.spec.target_refs[0].target == flat.spec.target_refs[0].target
    assert none == []
    assert warned == [
        "BackendLoadBalancingPolicy: `spec.targetRefs[0]` is written as the documentation has it, not as the CRD does"
    ]


def test_ring_hash_is_a_strategy() -> None:
    """The CRD's enumeration forgets it; documentation and constants have it."""
    body, findings = read(GROUP, "BackendLoadBalancingPolicy", balancing("loadBalancing: {strategy: ring-hash}"))
    assert body is not None
    assert findings == []


def test_default_policy_of_frontends() -> None:
    """2023-06, where a policy only verifies clients."""
    body, _ = read(GROUP, "FrontendTLSPolicy", policy(""))
    assert isinstance(body, FrontendTLSPolicy)
    assert body.spec.default is not None
    assert body.spec.default.policy_type.name == "2023-06"


def test_override_is_read() -> None:
    """So that the policy's status can say what the product says of it: OverrideNotSupported."""
    body, findings = read(GROUP, "HealthCheckPolicy", f"{{{TARGET}, override: {{interval: 5s}}}}")
    assert isinstance(body, HealthCheckPolicy)
    assert body.spec.override is not None
    assert findings == []


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("WebApplicationFirewallPolicy", f"{{{TARGET}, webApplicationFirewall: {{id: /subscriptions/1}}}}"),
        (
            "IngressExtension",
            "{rules: [{host: a.b, additionalHostnames: [c.d], requestRedirect: {scheme: https, statusCode: 308},"
            " rewrites: [{type: URLRewrite, urlRewrite: {hostname: e.f}}]}],"
            " backendSettings: [{service: s, ports: [{port: 443, protocol: HTTPS}], timeouts: {requestTimeout: 5s}}]}",
        ),
    ],
)
def test_what_exists_only_in_azure_is_refused_by_name(kind: str, spec: str) -> None:
    """It is read, and the finding says what is lost."""
    body, (finding,) = read(GROUP, kind, spec)
    assert body is not None
    assert f"{kind} is read and has no effect: lost are" in finding
