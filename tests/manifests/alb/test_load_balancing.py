"""Strategies and limits of BackendLoadBalancingPolicy."""

from __future__ import annotations

import pytest

from attached import manifests_of
from tidegate.manifests.alb.load_balancing import balancing_of, breaker_of, not_affine
from tidegate.manifests.objects import Object
from tidegate.manifests.schema.alb import BackendLoadBalancingPolicy
from tidegate.model import CircuitBreaker, LoadAware, LoadBalancing, LoadBalancingStrategy, SlowStart

ROUND = LoadBalancingStrategy.ROUND_ROBIN


POLICY = """
apiVersion: alb.networking.azure.io/v1
kind: BackendLoadBalancingPolicy
metadata: {name: p, namespace: shop}
spec: {targetRefs: [{targetRef: {group: "", kind: Service, name: cart}}], %s}
"""


def policy_of(text: str) -> Object[BackendLoadBalancingPolicy]:
    (policy,) = manifests_of(POLICY % text).of(BackendLoadBalancingPolicy)
    return policy


@pytest.mark.parametrize(
    ("text", "expected", "why_not_affine"),
    [
        ("loadBalancing: {}", LoadBalancing(ROUND), "by round-robin; it needs ring-hash"),
        (
            "loadBalancing: {strategy: least-request}",
            LoadBalancing(LoadBalancingStrategy.LEAST_REQUEST),
            "by least-request; it needs ring-hash",
        ),
        ("loadBalancing: {strategy: ring-hash}", LoadBalancing(LoadBalancingStrategy.RING_HASH), ""),
        (
            "loadBalancing: {strategy: load-aware}",
            LoadBalancing(LoadBalancingStrategy.LOAD_AWARE, load_aware=LoadAware(10.0, 180.0, 1.0, ())),
            "by load-aware; it needs ring-hash",
        ),
        (
            'loadBalancing: {strategy: load-aware, loadAware: {blackoutPeriod: 1s, errorUtilizationPenalty: ".5", '
            "metricExpirationPeriod: 1m, namedMetrics: [gpu, queue]}}",
            LoadBalancing(LoadBalancingStrategy.LOAD_AWARE, load_aware=LoadAware(1.0, 60.0, 0.5, ("gpu", "queue"))),
            "by load-aware; it needs ring-hash",
        ),
        (
            'loadBalancing: {slowStart: {window: 30s, aggression: "2.5", startWeightPercent: 5}}',
            LoadBalancing(ROUND, SlowStart(30.0, 2.5, 5.0)),
            "by round-robin; it needs ring-hash",
        ),
        ("loadBalancing: {slowStart: {window: 0s}}", LoadBalancing(ROUND), "by round-robin; it needs ring-hash"),
    ],
)
def test_strategies(text: str, expected: LoadBalancing, why_not_affine: str) -> None:
    """Each with its settings and their defaults, and whether sessions can stick under it."""
    policy = policy_of(text)
    assert balancing_of(policy) == expected
    assert policy.body.spec.load_balancing is not None
    assert not_affine(policy.body.spec.load_balancing) == why_not_affine


def test_limits() -> None:
    """What is left out is as good as no limit; a policy without any leaves the gateway's own."""
    assert breaker_of(policy_of("circuitBreaker: {maxRequests: 5}").body.spec.circuit_breaker) == CircuitBreaker(
        1_000_000_000, 5, 1_000_000_000, 1_000_000_000
    )
    assert breaker_of(None) is None
    assert balancing_of(policy_of("circuitBreaker: {}")) is None
