"""BackendLoadBalancingPolicy: strategies, slow start, load awareness by ORCA, circuit breakers."""

from __future__ import annotations

import time

import pytest

from gateway_lab import Lab, conditions
from recording_backends import Backend, Reply

pytestmark = pytest.mark.e2e

ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: v1, port: 80}]}]
---
"""


def policy(settings: str, *, target: str = '{targetRef: {group: "", kind: Service, name: v1}}') -> str:
    """A BackendLoadBalancingPolicy with these settings."""
    return f"""
apiVersion: alb.networking.azure.io/v1
kind: BackendLoadBalancingPolicy
metadata: {{name: balance}}
spec:
  targetRefs: [{target}]
  {settings}
"""


def pool(lab: Lab, count: int = 3) -> list[Backend]:
    """Endpoints behind one Service."""
    endpoints = lab.endpoints(count)
    lab.service("v1", *(one.endpoint for one in endpoints))
    return endpoints


def accepted(lab: Lab) -> str:
    return conditions(lab.status("BackendLoadBalancingPolicy", "balance")["targets"][0])["Accepted"]


def test_round_robin(lab: Lab) -> None:
    """One after the other."""
    pool(lab)
    lab.apply(ROUTE + policy("loadBalancing: {strategy: round-robin}"))
    assert lab.count(30) == {"e1": 10, "e2": 10, "e3": 10}
    assert accepted(lab) == "True"


def test_least_request(lab: Lab) -> None:
    """Of two endpoints at random the one with fewer open requests: who is busy gets less."""
    one, two = pool(lab, 2)
    lab.apply(ROUTE + policy("loadBalancing: {strategy: least-request}"))
    one.replies.extend([Reply(hang=True)] * 5)
    lab.occupy(16)
    assert lab.eventually(lambda: len(one.received) + len(two.received) >= 16)
    assert len(one.received) >= 3
    assert lab.count(80).get("e2", 0) >= 48


def test_a_policy_in_the_documentations_shape(lab: Lab) -> None:
    """Flat targetRefs are read too, with a warning that the CRD has them nested."""
    pool(lab)
    lab.apply(ROUTE + policy("loadBalancing: {strategy: round-robin}", target='{group: "", kind: Service, name: v1}'))
    assert lab.count(30) == {"e1": 10, "e2": 10, "e3": 10}
    assert lab.found("TG1302") == ["a.yaml:14"]


def test_ring_hash_is_served_with_a_warning(lab: Lab) -> None:
    """Documented, a constant, and not in the CRD's enumeration."""
    pool(lab)
    lab.apply(ROUTE + policy("loadBalancing: {strategy: ring-hash}"))
    assert set(lab.count(30)) <= {"e1", "e2", "e3"}
    assert lab.found("TG4730")
    assert accepted(lab) == "True"


def test_ports(lab: Lab) -> None:
    """A policy for other ports of the Service changes nothing here."""
    pool(lab)
    target = '{targetRef: {group: "", kind: Service, name: v1}, ports: [{port: 81}]}'
    lab.apply(ROUTE + policy("circuitBreaker: {maxRequests: 0}", target=target), errors=True)
    assert set(lab.count(10)) <= {"e1", "e2", "e3"}


@pytest.mark.parametrize(
    ("breaker", "reached"), [("maxRequests: 2", 2), ("maxConnections: 1, maxPendingRequests: 1", 1)]
)
def test_circuit_breakers(lab: Lab, breaker: str, reached: int) -> None:
    """What goes beyond is 503 at once, and there is room again when the others are done."""
    (one,) = pool(lab, 1)
    lab.apply(ROUTE + policy(f"circuitBreaker: {{{breaker}}}"))
    one.replies.extend([Reply(hang=True)] * reached)
    waiting = lab.occupy(1)
    assert lab.eventually(lambda: len(one.received) == 1)
    waiting += lab.occupy(1)
    assert lab.eventually(lambda: lab.get().status == 503)
    assert {lab.get().status for _ in range(4)} == {503}
    assert len(one.received) == reached
    for connection in waiting:
        connection.close()
    assert lab.eventually(lambda: lab.get().status == 200)


def test_slow_start(lab: Lab) -> None:
    """An endpoint that is new gets less until its window is over."""
    one, two = lab.endpoints(2)
    lab.service("v1", one.endpoint)
    slow = 'slowStart: {window: 1s, aggression: "1.0", startWeightPercent: 1}'
    text = ROUTE + policy(f"loadBalancing: {{strategy: round-robin, {slow}}}")
    lab.apply(text)
    begun = time.monotonic()
    assert lab.eventually(lambda: time.monotonic() - begun > 1.2)
    lab.services.clear()
    lab.service("v1", one.endpoint, two.endpoint)
    lab.apply(text)
    counts = lab.count(60)
    assert counts.get("e2", 0) < 25
    assert lab.eventually(lambda: lab.count(20).get("e2", 0) >= 9)
    assert accepted(lab) == "True"


def test_load_aware(lab: Lab) -> None:
    """By what backends report in endpoint-load-metrics, which clients do not see."""
    one, two = pool(lab, 2)
    one.default = Reply(headers=(("endpoint-load-metrics", "TEXT cpu_utilization=0.1,rps_fractional=100"),))
    two.default = Reply(headers=(("endpoint-load-metrics", "TEXT cpu_utilization=0.9,rps_fractional=100"),))
    settings = "loadBalancing: {strategy: load-aware, loadAware: {blackoutPeriod: 0s, metricExpirationPeriod: 60s}}"
    lab.apply(ROUTE + policy(settings))
    lab.count(40)

    def leans() -> bool:
        counts = lab.count(50)
        return counts.get("e1", 0) > 2 * counts.get("e2", 0)

    assert lab.eventually(leans)
    assert lab.get().header("endpoint-load-metrics") is None
    assert accepted(lab) == "True"


@pytest.mark.parametrize(
    "settings",
    [
        "loadBalancing: {strategy: random}",
        "loadBalancing: {strategy: ring-hash, slowStart: {window: 10s}}",
        "loadBalancing: {strategy: round-robin, loadAware: {blackoutPeriod: 1s}}",
        "loadBalancing: {strategy: round-robin, slowStart: {window: 10s, startWeightPercent: 101}}",
    ],
)
def test_settings_that_do_not_go_together(lab: Lab, settings: str) -> None:
    """Refused at their line."""
    pool(lab)
    lab.apply(ROUTE + policy(settings), errors=True)
    assert "a.yaml:15" in lab.found()
