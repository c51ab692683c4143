"""Certificates that policies refer to."""

from __future__ import annotations

import base64

import pytest

from attached import manifests_of
from authorities import Authority
from tidegate.manifests.alb.authorities import Unresolved, authorities, presented
from tidegate.manifests.schema.gateway_api.common import SecretObjectReference
from tidegate.model import Certificate, ObjectKey

AUTHORITY = Authority()
PEM = "".join(f"    {line}\n" for line in AUTHORITY.pem.splitlines())
OWN = ObjectKey("gateway.networking.k8s.io", "BackendTLSPolicy", "shop", "p")

TEXT = f"""
apiVersion: v1
kind: ConfigMap
metadata: {{name: text, namespace: shop}}
data:
  ca.crt: |
{PEM}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: binary, namespace: shop}}
binaryData: {{ca.crt: {base64.b64encode(AUTHORITY.pem.encode()).decode()}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {{name: garbage, namespace: shop}}
binaryData: {{ca.crt: "%%%"}}
---
apiVersion: v1
kind: Secret
metadata: {{name: secret, namespace: shop}}
data: {{ca.crt: {base64.b64encode(AUTHORITY.pem.encode()).decode()}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: abroad, namespace: other}}
data: {{ca.crt: {base64.b64encode(AUTHORITY.pem.encode()).decode()}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: malformed, namespace: shop}}
data: 5
"""
MANIFESTS = manifests_of(TEXT)


def bundle(kind: str, name: str, namespace: str = "shop", group: str = "") -> str | Unresolved:
    return authorities(MANIFESTS, referrer=OWN, target=ObjectKey(group, kind, namespace, name))


@pytest.mark.parametrize(("kind", "name"), [("ConfigMap", "text"), ("ConfigMap", "binary"), ("Secret", "secret")])
def test_wherever_a_bundle_is_kept(kind: str, name: str) -> None:
    """`ca.crt` of a ConfigMap, as text or not, and of a Secret."""
    assert str(bundle(kind, name)).strip() == AUTHORITY.pem.strip()


@pytest.mark.parametrize(
    ("given", "problem", "reason"),
    [
        (("ConfigMap", "nowhere"), "does not exist", "InvalidCertificateRef"),
        (("ConfigMap", "garbage"), "has no key `ca.crt`", "InvalidCertificateRef"),
        (("Secret", "abroad", "other"), "no ReferenceGrant allows it", "RefNotPermitted"),
        (("Vault", "text", "shop", "example.com"), "is a Vault", "InvalidKind"),
    ],
)
def test_what_does_not_resolve(given: tuple[str, ...], problem: str, reason: str) -> None:
    """Each with its reason."""
    found = bundle(*given)
    assert isinstance(found, Unresolved)
    assert problem in found.problem
    assert found.reason == reason
    assert not found.silent


def test_a_malformed_object_has_a_finding_of_its_own() -> None:
    """So the reference says nothing more."""
    found = bundle("Secret", "malformed")
    assert isinstance(found, Unresolved)
    assert found.silent


def test_a_certificate_to_present() -> None:
    """With its key, from a Secret of type kubernetes.io/tls and from nothing else."""
    leaf = AUTHORITY.issue("gateway.test")
    pem = "".join(f"    {line}\n" for line in leaf.chain_pem.splitlines())
    key = "".join(f"    {line}\n" for line in leaf.key_pem.splitlines())
    manifests = manifests_of(
        f"apiVersion: v1\nkind: Secret\nmetadata: {{name: c, namespace: shop}}\ntype: kubernetes.io/tls\n"
        f"stringData:\n  tls.crt: |\n{pem}  tls.key: |\n{key}"
    )

    def read(name: str, kind: str = "Secret") -> Certificate | Unresolved:
        reference = SecretObjectReference.model_construct(group="", kind=kind, name=name, namespace=None)
        return presented(manifests, referrer=OWN, reference=reference)

    certificate = read("c")
    assert isinstance(certificate, Certificate)
    assert certificate.chain_pem.strip() == leaf.chain_pem.strip()
    assert isinstance(read("nowhere"), Unresolved)
    wrong = read("c", "ConfigMap")
    assert isinstance(wrong, Unresolved)
    assert wrong.reason == "InvalidKind"
