"""What is wrong with a policy by itself."""

from __future__ import annotations

import pytest

from attached import manifests_of
from tidegate.diagnostics import Found
from tidegate.manifests.alb.judging import judge_health_check, remark_on_balancing, sound_health_checks
from tidegate.manifests.alb.targets import ServicePolicies
from tidegate.manifests.schema.alb import BackendLoadBalancingPolicy, HealthCheckPolicy
from tidegate.model import ObjectKey

TLS = ServicePolicies(tls=(ObjectKey("gateway.networking.k8s.io", "BackendTLSPolicy", "shop", "t"),))
POLICY = """
apiVersion: alb.networking.azure.io/v1
kind: HealthCheckPolicy
metadata: {name: p, namespace: shop}
spec: {targetRef: {group: "", kind: Service, name: cart%s}%s}
"""


@pytest.mark.parametrize(
    ("sections", "more", "policies", "reason"),
    [
        ("", "", ServicePolicies(), None),
        ("", ", override: {}", ServicePolicies(), "OverrideNotSupported"),
        (", sectionNames: [http]", "", ServicePolicies(), "SectionNamesNotPermitted"),
        ("", ", default: {useTLS: true}", ServicePolicies(), "BackendTLSPolicyNotFound"),
        ("", ", default: {protocol: HTTPS}", ServicePolicies(), "BackendTLSPolicyNotFound"),
        ("", ", default: {useTLS: true}", TLS, None),
        ("", ", default: {useTLS: false}", ServicePolicies(), None),
    ],
)
def test_health_checks(sections: str, more: str, policies: ServicePolicies, reason: str | None) -> None:
    """Each problem has its reason, and such a policy has no Service."""
    manifests, found = manifests_of(POLICY % (sections, more)), Found()
    (policy,) = manifests.of(HealthCheckPolicy)
    problems = judge_health_check(policy, policies, found)
    assert [each.reason for each in problems] == ([reason] if reason is not None else [])
    assert len(found) == len(problems)
    named = ServicePolicies(tls=policies.tls, health=(policy.key,))
    assert sound_health_checks(manifests, named) == (() if problems else (policy.key,))


@pytest.mark.parametrize(("strategy", "count"), [("ring-hash", 1), ("least-request", 0)])
def test_a_strategy_that_the_crd_does_not_list(strategy: str, count: int) -> None:
    """Works, with a warning."""
    text = """
apiVersion: alb.networking.azure.io/v1
kind: BackendLoadBalancingPolicy
metadata: {name: p, namespace: shop}
spec: {targetRefs: [{targetRef: {group: "", kind: Service, name: cart}}], loadBalancing: {strategy: %s}}
"""
    (policy,) = manifests_of(text % strategy).of(BackendLoadBalancingPolicy)
    found = Found()
    remark_on_balancing(policy, found)
    assert [each.code.code for each in found] == ["TG4730"] * count
