"""GRPCRoute: the rules of its CRD, each kept and broken once."""

from __future__ import annotations

import pytest

from schema_lab import Rule, holds
from tidegate.manifests.schema.gateway_api import GROUP


def method(text: str) -> str:
    return f"{{rules: [{{matches: [{{method: {{{text}}}}}]}}]}}"


RULES = [
    Rule(method("service: a.B"), method("type: Exact"), "must be a `service`, a `method` or both"),
    Rule(
        method("service: .a.B, method: C"), method("service: a/B"), "method.service` must be the name of a gRPC service"
    ),
    Rule(method("method: _a1"), method("method: 1a"), "method.method` must be the name of a gRPC method"),
    Rule(
        method("type: RegularExpression, service: 'a[.].*'"),
        method("type: RegularExpression, method: '['"),
        "method.method` must be a pattern of RE2",
    ),
    Rule(
        "{rules: [{matches: [{headers: [{name: a, value: b}]}]}]}",
        "{rules: [{matches: [{headers: [{name: a, value: b}, {name: a, value: c}]}]}]}",
        "headers[1]` must be a header that the match does not name already",
    ),
    Rule("{rules: [{name: a}]}", "{rules: [{name: a}, {name: a}]}", "must be a name that no other rule"),
    Rule("{hostnames: [a.b]}", "{hostnames: [192.0.2.1]}", "must be a lower-case host name"),
]


@pytest.mark.parametrize("each", RULES, ids=str)
def test_rule(each: Rule) -> None:
    """A spec that keeps it has no finding; one that breaks it has one, at the field that does."""
    holds(GROUP, "GRPCRoute", each)
