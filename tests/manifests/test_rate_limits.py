"""RateLimitPolicies: what they cover, whose counters they have, and what is closed for want of one."""

from __future__ import annotations

import pytest

from attached import manifests_of
from compiling import codes, compiled, key, status_text
from tidegate.diagnostics import Found
from tidegate.manifests.plan import Level, Scope
from tidegate.manifests.rate_limits import (
    NOTHING,
    Place,
    limit_source,
    limit_status,
    limited_in,
    limits_over,
    why_unlimited,
)
from tidegate.manifests.routes import CLOSED
from tidegate.manifests.schema.tidegate import RateLimitPolicy
from tidegate.model import LimitKey

WORLD = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners: [{name: http, port: 80, protocol: HTTP}, {name: other, port: 81, protocol: HTTP}]
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {tidegate.dev/endpoints: "127.0.0.1:8001"}}
spec: {ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: checkout, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules:
    - {name: pay, matches: [{path: {value: /pay}}], backendRefs: [{name: cart, port: 80}]}
    - {backendRefs: [{name: cart, port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: calls, namespace: shop}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: cart, port: 80}]}]}
"""
CHECKOUT = "kind: HTTPRoute, name: checkout"


def policy(*targets: str, name: str = "p", limits: str = "{calls: 5, period: 1m}", namespace: str = "shop") -> str:
    listed = ", ".join(f"{{group: gateway.networking.k8s.io, {target}}}" for target in targets)
    return f"""
---
apiVersion: tidegate.dev/v1alpha1
kind: RateLimitPolicy
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{targetRefs: [{listed}], limits: [{limits}]}}
"""


def over(text: str, *, rule: str | None = "pay", listener: str = "http", route: str = "checkout") -> list[str]:
    """The names of the policies over one rule."""
    limited = limited_in(manifests_of(WORLD + text), "shop")
    place = Place(key("Gateway", "edge"), listener, key("HTTPRoute", route), rule)
    scopes = limits_over(limited, limited, place)
    assert {scope.level for scope in scopes} <= {Level.LIMITS}
    return [scope.id.rpartition("/")[2] for scope in scopes]


def test_what_a_policy_covers() -> None:
    """A Gateway, a listener, a route, a named rule; all of them add up, the widest first."""
    text = (
        policy("kind: Gateway, name: edge", name="gateway")
        + policy("kind: Gateway, name: edge, sectionName: http", name="listener")
        + policy(CHECKOUT, name="route")
        + policy(f"{CHECKOUT}, sectionName: pay", name="rule")
    )
    assert over(text) == ["gateway", "listener", "route", "rule"]
    assert over(text, rule=None) == ["gateway", "listener", "route"]
    assert over(text, listener="other") == ["gateway", "route", "rule"]
    assert over(text, route="calls", rule=None) == ["gateway", "listener"]


def test_policies_add_up() -> None:
    """Two for one target both hold; one that covers a rule twice counts once."""
    assert over(policy(CHECKOUT, name="b") + policy(CHECKOUT, name="a")) == ["a", "b"]
    assert over(policy(CHECKOUT, f"{CHECKOUT}, sectionName: pay", "kind: Gateway, name: edge")) == ["p"]
    assert limits_over(NOTHING, NOTHING, Place(key("Gateway", "edge"), "", key("HTTPRoute", "x"), None)) == ()


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        (policy(CHECKOUT, limits="{calls: many, period: 1m}"), ["pay", None]),
        (policy(f"{CHECKOUT}, sectionName: pay", limits="{calls: many, period: 1m}"), ["pay"]),
        (policy("kind: Gateway, name: edge", limits="{}"), ["pay", None]),
        (policy("kind: Gateway, name: edge, sectionName: other", limits="{}"), []),
        (policy("kind: HTTPRoute, name: checkuot"), ["pay", None]),
        (policy("kind: HTTPRoute, name: checkuot") + policy(CHECKOUT, name="own"), []),
        (policy(f"{CHECKOUT}, sectionName: pray"), ["pay", None]),
        (policy("kind: Gateway, name: egde"), ["pay", None]),
        (policy("kind: HTTPRoute, name: something-else"), []),
        (policy(CHECKOUT).replace("targetRefs", "targets"), ["pay", None]),
        (policy(CHECKOUT).replace("targetRefs", "targets").replace("namespace: shop", "namespace: other"), []),
    ],
)
def test_a_limit_that_cannot_be_kept_closes(text: str, closed: list[str | None]) -> None:
    """What it covers, or probably was to cover, and nothing else."""
    limited = limited_in(manifests_of(WORLD + text), "shop")
    gateway, route = key("Gateway", "edge"), key("HTTPRoute", "checkout")
    places = {rule: Place(gateway, "http", route, rule) for rule in ("pay", None)}
    assert [rule for rule, place in places.items() if why_unlimited(limited, limited, place)] == closed


def source_of(limits: str, name: str = "p") -> list[tuple[str, int, float, LimitKey, str]]:
    (own,) = manifests_of(policy(CHECKOUT, limits=limits, name=name)).of(RateLimitPolicy)
    made = limit_source(own).limits
    return [(each.counter, each.calls, each.period_s, each.by, each.name) for each in made]


def test_limits() -> None:
    """Each with its key; header names in lower case."""
    text = (
        "{calls: 5, period: 1m30s}, {calls: 1, period: 1s, key: {type: Header, name: X-Key}},"
        "{calls: 2, period: 24h, key: {type: Claim, name: Sub}}, {calls: 3, period: 500s, key: {type: ClientAddress}}"
    )
    assert [row[1:] for row in source_of(text)] == [
        (5, 90.0, LimitKey.EVERYONE, ""),
        (1, 1.0, LimitKey.HEADER, "x-key"),
        (2, 86_400.0, LimitKey.CLAIM, "Sub"),
        (3, 500.0, LimitKey.CLIENT_ADDRESS, ""),
    ]


def test_whose_counters() -> None:
    """A limit keeps its own when others come before it and when it is raised; no two limits share any."""
    first, second = "{calls: 5, period: 1m}", "{calls: 5, period: 1m, key: {type: Header, name: A}}"
    plain, moved = source_of(f"{first}, {second}"), source_of(f"{second.replace('5', '9')}, {first}")
    assert [row[0] for row in plain] == [row[0] for row in reversed(moved)]
    every = [
        *plain,
        *source_of(f"{first}, {first}")[1:],
        *source_of(first, "q"),
        *source_of("{calls: 5, period: 2m}"),
        *source_of("{calls: 5, period: 1m, key: {type: Claim, name: A}}"),
        *source_of('{calls: 5, period: 1m, key: {type: Claim, name: "A\\" 60"}}'),
    ]
    assert len({row[0] for row in every}) == len(every)


@pytest.mark.parametrize(
    ("target", "reason", "found"),
    [
        (CHECKOUT, "Accepted", []),
        ("kind: GRPCRoute, name: calls", "Accepted", []),
        ("kind: HTTPRoute, name: nowhere", "TargetNotFound", ["TG4702"]),
        ("kind: Gateway, name: edge, sectionName: htp", "TargetNotFound", ["TG4702"]),
        ("kind: GRPCRoute, name: calls, sectionName: one", "TargetNotFound", ["TG4702"]),
    ],
)
def test_status(target: str, reason: str, found: list[str]) -> None:
    """One ancestor for each target."""
    manifests, said = manifests_of(WORLD + policy(target)), Found()
    (own,) = manifests.of(RateLimitPolicy)
    (ancestor,) = limit_status(manifests, own, said)["ancestors"]
    assert [each["reason"] for each in ancestor["conditions"]] == [reason]
    assert [each.code.code for each in said] == found


def test_in_a_whole_compilation() -> None:
    """The program of the rules, the status, and what is closed."""
    good = compiled(WORLD + policy(CHECKOUT))
    listener = good.world.gateways[0].listeners[0]
    programs = {route.owner.name: route.program for route in listener.routes}
    assert programs["calls"] is None
    assert programs["checkout"] is not None
    assert "RateLimitPolicy: 5 calls in 60 s by everyone" in [step.text for step in programs["checkout"].steps]
    assert "Accepted=True Accepted" in status_text(good, "RateLimitPolicy")
    for limits, found in (
        ("{calls: 0, period: 1m}", "TG1114"),
        ("{calls: 1, period: 1m, key: {type: Claim, name: sub}}", "TG4760"),
    ):
        closed = compiled(WORLD + policy(CHECKOUT, limits=limits))
        assert codes(closed) == [found]
        routes = [r for r in closed.world.gateways[0].listeners[0].routes if r.owner.name == "checkout"]
        assert all(route.action == CLOSED for route in routes)


def test_scopes_are_their_own_level() -> None:
    """So that the default global document stands before them."""
    limited = limited_in(manifests_of(WORLD + policy(CHECKOUT)), "shop")
    place = Place(key("Gateway", "edge"), "http", key("HTTPRoute", "checkout"), None)
    assert limits_over(limited, limited, place) == (Scope(Level.LIMITS, "RateLimitPolicy shop/p"),)
