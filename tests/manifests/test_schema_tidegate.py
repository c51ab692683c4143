"""ApimPolicy and RateLimitPolicy: their rules, each kept and broken once."""

from __future__ import annotations

import re

import pytest

from schema_lab import Rule, holds, read
from tidegate.diagnostics import Found
from tidegate.manifests.check import check
from tidegate.manifests.schema.tidegate import GROUP, RateLimitPolicy
from tidegate.sources import Source
from tidegate.sources.yaml import read_yaml

TARGET = "{group: gateway.networking.k8s.io, kind: %s, name: a%s}"
ROUTE = TARGET % ("HTTPRoute", "")


def limit(text: str) -> str:
    return f"{{targetRefs: [{ROUTE}], limits: [{{{text}}}]}}"


def by(key: str) -> str:
    return limit(f"calls: 1, period: 1m, key: {{{key}}}")


def targets(*each: str) -> str:
    return f"{{targetRefs: [{', '.join(each)}], limits: [{{calls: 1, period: 1m}}]}}"


LIMITS = [
    Rule(limit("calls: 1, period: 1s"), limit("calls: 0, period: 1s"), "limits[0].calls` must be at least 1"),
    Rule(limit("calls: 1, period: 24h"), limit("calls: 1, period: 25h"), "must be a duration from 1s to 24h"),
    Rule(limit("calls: 1, period: 1s"), limit("calls: 1, period: 999ms"), "must be a duration from 1s to 24h"),
    Rule(limit("calls: 1, period: 1m30s"), limit("calls: 1, period: 90"), "must be a duration such as"),
    Rule(limit("calls: 1, period: 1m"), limit("calls: 1"), "needs `spec.limits[0].period`"),
    Rule(by("type: Header, name: x-a"), by("type: Header"), "must be a key of type Header with the `name` of a header"),
    Rule(by("type: Header, name: x-a"), by("type: Header, name: 'x a'"), "key.name` must be a header name"),
    Rule(by("type: Claim, name: oid"), by("type: Claim"), "must be a key of type Claim with the `name` of a claim"),
    Rule(by("type: ClientAddress"), by("type: ClientAddress, name: a"), "must be left out for ClientAddress"),
    Rule(by("type: Everyone"), by("type: Nobody"), "key.type` must be `Header` or `Claim`"),
    Rule(
        targets(ROUTE, TARGET % ("GRPCRoute", ""), TARGET % ("Gateway", ", sectionName: http")),
        targets(ROUTE, ROUTE),
        "`spec.targetRefs[1]` must be a target that the list does not have already",
    ),
    Rule(targets(ROUTE), targets(TARGET % ("Service", "")), "targetRefs[0].kind` must be `Gateway` or `HTTPRoute`"),
    Rule(targets(ROUTE), f"{{targetRefs: [{ROUTE}], limits: []}}", "`spec.limits` must be at least one entry"),
]

POLICY = "policy: {inline: <policies />}"
DOCUMENTS = [
    Rule(
        f"{{targetRefs: [{ROUTE}], {POLICY}}}", f"{{targetRefs: [{ROUTE}], policy: {{}}}}", "either `file` or `inline`"
    ),
    Rule(
        f"{{targetRefs: [{TARGET % ('HTTPRoute', ', sectionName: one')}], {POLICY}}}",
        f"{{targetRefs: [{TARGET % ('Gateway', ', sectionName: http')}], {POLICY}}}",
        "must be a Gateway without `sectionName`",
    ),
]


@pytest.mark.parametrize("each", LIMITS, ids=str)
def test_rule_of_rate_limits(each: Rule) -> None:
    """A spec that keeps it has no finding; one that breaks it has one, at the field that does."""
    holds(GROUP, "RateLimitPolicy", each)


@pytest.mark.parametrize("each", DOCUMENTS, ids=str)
def test_rule_of_policy_documents(each: Rule) -> None:
    """The same for ApimPolicy."""
    holds(GROUP, "ApimPolicy", each)


def test_limit_without_a_key_is_for_everyone() -> None:
    """And its period is in seconds."""
    body, _ = read(GROUP, "RateLimitPolicy", limit("calls: 5, period: 1m"))
    assert isinstance(body, RateLimitPolicy)
    (only,) = body.spec.limits
    assert (only.calls, only.period, only.key.type, only.key.name) == (5, 60.0, "Everyone", None)


def test_documented_example_is_right() -> None:
    """docs/supported.md shows it."""
    (text,) = re.findall(r"```yaml\n(.*?)```", RateLimitPolicy.__doc__ or "", re.DOTALL)
    found = Found()
    (node,) = read_yaml(Source("a.yaml", text), found, {})
    body, _ = check(node, RateLimitPolicy, subject="it", found=found)
    assert body is not None
    assert found.sorted() == ()
