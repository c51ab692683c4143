"""Timeouts, retries and sessions: the rules of the CRDs, each kept and broken once."""

from __future__ import annotations

import pytest

from schema_lab import Rule, holds, read
from tidegate.manifests.schema.gateway_api import GROUP, HTTPRoute


def rule(text: str) -> str:
    return f"{{rules: [{{{text}}}]}}"


RULES = [
    Rule(
        rule("timeouts: {request: 2s, backendRequest: 2s}"),
        rule("timeouts: {request: 2s, backendRequest: 2001ms}"),
        "timeouts.backendRequest` must be no longer than `request`",
    ),
    Rule(
        rule("timeouts: {request: 0s, backendRequest: 1h}"),
        rule("timeouts: {request: 1.5s}"),
        "timeouts.request` must be a duration such as",
    ),
    Rule(rule("timeouts: {request: 0s}"), rule("timeouts: {request: 10}"), "must be a duration such as"),
    Rule(rule("retry: {codes: [500, 599]}"), rule("retry: {codes: [399]}"), "must be at least 400"),
    Rule(rule("retry: {}"), rule("retry: {codes: [500, 500]}"), "must be a status that is not in the list already"),
    Rule(rule("retry: {attempts: 1}"), rule("retry: {attempts: 0}"), "must be at least 1"),
    Rule(rule("retry: {backoff: 25ms}"), rule("retry: {backoff: 25us}"), "must be a duration such as"),
    Rule(
        rule("sessionPersistence: {absoluteTimeout: 1h, cookieConfig: {lifetimeType: Permanent}}"),
        rule("sessionPersistence: {cookieConfig: {lifetimeType: Permanent}}"),
        "cookieConfig.lifetimeType` must be `Permanent` only beside an `absoluteTimeout`",
    ),
    Rule(
        rule("sessionPersistence: {type: Header, sessionName: x-session}"),
        rule("sessionPersistence: {type: Header, cookieConfig: {}}"),
        "cookieConfig` must be left out where the type is Header",
    ),
    Rule(
        rule("sessionPersistence: {sessionName: a}"),
        rule("sessionPersistence: {sessionName: 'a; Domain=example.com'}"),
        "sessionName` must be a header name",
    ),
]


@pytest.mark.parametrize("each", RULES, ids=str)
def test_rule(each: Rule) -> None:
    """A spec that keeps it has no finding; one that breaks it has one, at the field that does."""
    holds(GROUP, "HTTPRoute", each)


def test_durations_are_seconds() -> None:
    """Whoever reads the schema has numbers."""
    body, _ = read(GROUP, "HTTPRoute", rule("timeouts: {request: 1m30s, backendRequest: 500ms}"))
    assert isinstance(body, HTTPRoute)
    timeouts = body.spec.rules[0].timeouts
    assert timeouts is not None
    assert (timeouts.request, timeouts.backend_request) == (90.0, 0.5)


def test_idle_timeout_is_refused() -> None:
    """It would need a memory of sessions."""
    _, findings = read(GROUP, "HTTPRoute", rule("sessionPersistence: {idleTimeout: 1m}"))
    assert findings == ["HTTPRoute: `spec.rules[0].sessionPersistence.idleTimeout` is not supported yet"]
