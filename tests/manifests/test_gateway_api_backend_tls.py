"""BackendTLSPolicy: the rules of its CRD, each kept and broken once."""

from __future__ import annotations

import pytest

from schema_lab import Rule, holds
from tidegate.manifests.schema.gateway_api import GROUP

SERVICE = "{group: '', kind: Service, name: a}"
PORT = "{group: '', kind: Service, name: a, sectionName: %s}"
SYSTEM = "{hostname: a.b, wellKnownCACertificates: System}"
CA = "{group: '', kind: ConfigMap, name: ca}"


def policy(targets: str = SERVICE, validation: str = SYSTEM) -> str:
    return f"{{targetRefs: [{targets}], validation: {validation}}}"


def san(text: str) -> str:
    return policy(validation=f"{{hostname: a.b, wellKnownCACertificates: System, subjectAltNames: [{{{text}}}]}}")


RULES = [
    Rule(
        policy(),
        policy(validation="{hostname: a.b}"),
        "must be `caCertificateRefs` or `wellKnownCACertificates: System`",
    ),
    Rule(
        policy(validation=f"{{hostname: a.b, caCertificateRefs: [{CA}]}}"),
        policy(validation=f"{{hostname: a.b, caCertificateRefs: [{CA}], wellKnownCACertificates: System}}"),
        "validation.wellKnownCACertificates` must be left out where `caCertificateRefs` are given",
    ),
    Rule(policy(), policy(validation="{hostname: '*.b', wellKnownCACertificates: System}"), "without a wildcard"),
    Rule(policy(), policy(validation="{wellKnownCACertificates: System}"), "needs `spec.validation.hostname`"),
    Rule(
        policy(f"{PORT % 'a'}, {PORT % 'b'}"),
        policy(f"{PORT % 'a'}, {PORT % 'a'}"),
        "targetRefs[1]` must be a target that the list does not have already",
    ),
    Rule(
        policy(PORT % "a"),
        policy(f"{SERVICE}, {PORT % 'a'}"),
        "targetRefs[1]` must be a target with `sectionName`, like each",
    ),
    Rule(
        san("type: Hostname, hostname: '*.b'"), san("type: Hostname"), "must be a name of type Hostname with `hostname`"
    ),
    Rule(
        san("type: URI, uri: 'spiffe://a/b'"),
        san("type: URI, uri: 'spiffe://a/b', hostname: a.b"),
        "must be a name of type URI with `uri` and nothing else",
    ),
    Rule(san("type: URI, uri: 'https://a'"), san("type: URI, uri: a"), "uri` must be an absolute URI"),
]


@pytest.mark.parametrize("each", RULES, ids=str)
def test_rule(each: Rule) -> None:
    """A spec that keeps it has no finding; one that breaks it has one, at the field that does."""
    holds(GROUP, "BackendTLSPolicy", each)
