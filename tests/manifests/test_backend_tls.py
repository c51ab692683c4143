"""BackendTLSPolicy of the Gateway API: what it says of TLS, whatever it targets."""

from __future__ import annotations

import pytest

from attached import manifests_of
from authorities import Authority
from tidegate.diagnostics import Found
from tidegate.manifests.backend_tls import judge_backend_tls
from tidegate.manifests.schema.gateway_api import BackendTLSPolicy
from tidegate.model import BackendTls, SubjectAltName

PEM = Authority().pem
QUOTED = '"' + PEM.replace("\n", "\\n") + '"'
CONFIG = f"""
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: ca, namespace: shop}}
data: {{ca.crt: {QUOTED}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: empty, namespace: shop}}
data: {{}}
"""
POLICY = """
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: p, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: cart}]
  validation: {hostname: a.test, %s}
"""
GOOD, BAD = '{group: "", kind: ConfigMap, name: ca}', '{group: "", kind: ConfigMap, name: empty}'


def judged(validation: str) -> tuple[BackendTls | None, list[tuple[str, str]], int]:
    manifests, found = manifests_of(POLICY % validation + CONFIG), Found()
    (policy,) = manifests.of(BackendTLSPolicy)
    verdict = judge_backend_tls(manifests, policy, found)
    assert bool(verdict.why) == (verdict.tls is None)
    return verdict.tls, [(p.condition, p.reason) for p in verdict.problems], len(found)


@pytest.mark.parametrize(
    ("validation", "expected"),
    [
        ("wellKnownCACertificates: System", BackendTls("a.test", None)),
        (f"caCertificateRefs: [{GOOD}]", BackendTls("a.test", (PEM,))),
        (
            f"caCertificateRefs: [{GOOD}], subjectAltNames: [{{type: URI, uri: 'spiffe://a/b'}}]",
            BackendTls("a.test", (PEM,), (SubjectAltName("URI", "spiffe://a/b"),)),
        ),
        (
            "wellKnownCACertificates: System, subjectAltNames: [{type: Hostname, hostname: '*.b.test'}]",
            BackendTls("a.test", None, (SubjectAltName("Hostname", "*.b.test"),)),
        ),
    ],
)
def test_trust_and_identity(validation: str, expected: BackendTls) -> None:
    """The host name is SNI and identity; with other names it is the SNI alone."""
    assert judged(validation) == (expected, [], 0)


def test_one_valid_authority_suffices() -> None:
    """BackendTLSPolicyValidation: invalid ones are told, and the policy is accepted."""
    tls, problems, count = judged(f"caCertificateRefs: [{BAD}, {GOOD}]")
    assert tls == BackendTls("a.test", (PEM,))
    assert (problems, count) == ([("ResolvedRefs", "InvalidCACertificateRef")], 1)


def test_without_a_valid_authority_nothing_is_sent() -> None:
    """NoValidCACertificate; an unknown kind has a reason of its own."""
    assert judged(f"caCertificateRefs: [{BAD}]") == (
        None,
        [("ResolvedRefs", "InvalidCACertificateRef"), ("Accepted", "NoValidCACertificate")],
        1,
    )
    assert judged("caCertificateRefs: [{group: x.io, kind: Vault, name: ca}]")[1][0] == ("ResolvedRefs", "InvalidKind")


def test_a_malformed_policy() -> None:
    """What it targets is closed."""
    assert judged("wellKnownCACertificates: Nobody") == (None, [("Accepted", "Invalid")], 0)
