"""TLSRoute, TCPRoute, UDPRoute: what v1 asks, and what older versions let pass."""

from __future__ import annotations

import pytest

from schema_lab import Rule, holds, read
from tidegate.manifests.schema.gateway_api import GROUP

RULE = "{backendRefs: [{name: a, port: 80}]}"

RULES = [
    ("TLSRoute", Rule(f"{{hostnames: [a.b], rules: [{RULE}]}}", f"{{rules: [{RULE}]}}", "needs `spec.hostnames`")),
    (
        "TLSRoute",
        Rule(f"{{hostnames: ['*.b'], rules: [{RULE}]}}", f"{{hostnames: ['a.*'], rules: [{RULE}]}}", "host name"),
    ),
    ("TCPRoute", Rule(f"{{rules: [{RULE}]}}", f"{{rules: [{RULE}, {RULE}]}}", "`spec.rules[1]` must be left out")),
    ("UDPRoute", Rule(f"{{rules: [{RULE}]}}", f"{{rules: [{RULE}, {RULE}]}}", "`spec.rules[1]` must be left out")),
    ("TCPRoute", Rule(f"{{rules: [{RULE}]}}", "{rules: [{}]}", "needs `spec.rules[0].backendRefs`")),
    ("UDPRoute", Rule(f"{{rules: [{RULE}]}}", "{rules: [{backendRefs: [{name: a}]}]}", "with its `port`")),
    ("UDPRoute", Rule(f"{{rules: [{RULE}]}}", "{rules: []}", "`spec.rules` must be at least one entry")),
]


@pytest.mark.parametrize(("kind", "each"), RULES, ids=str)
def test_rule(kind: str, each: Rule) -> None:
    """A spec that keeps it has no finding; one that breaks it has one, at the field that does."""
    holds(GROUP, kind, each)


@pytest.mark.parametrize("kind", ["TLSRoute", "TCPRoute", "UDPRoute"])
def test_older_versions_ask_less(kind: str) -> None:
    """v1alpha2 had no need of host names, and up to sixteen rules."""
    assert read(GROUP, kind, f"{{rules: [{RULE}, {RULE}]}}", version="v1alpha2")[1] == []
