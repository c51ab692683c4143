"""Certificates of HTTPS listeners."""

from __future__ import annotations

from functools import cache

import pytest
import trustme

from compiling import codes, compiled
from tidegate.diagnostics import Found
from tidegate.manifests.certificates import read_certificate
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.schema.core import Secret
from tidegate.model import Certificate
from tidegate.sources import Source, SourceSet

GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners:
    - name: https
      port: 443
      protocol: HTTPS
      tls: {certificateRefs: [{name: tls, namespace: infra}]}
"""
GRANT = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: g, namespace: infra}
spec:
  from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: shop}]
  to: [{group: "", kind: Secret, name: tls}]
"""


@cache
def pems(name: str) -> tuple[str, str]:
    """A chain and its key."""
    leaf = trustme.CA().issue_cert(f"{name}.example.com")
    return leaf.cert_chain_pems[0].bytes().decode(), leaf.private_key_pem.bytes().decode()


def secret(chain: str, key: str, *, type_: str = "kubernetes.io/tls") -> str:
    def block(text: str) -> str:
        return "".join(f"\n    {line}" for line in text.strip().splitlines())

    return (
        f"---\napiVersion: v1\nkind: Secret\ntype: {type_}\nmetadata: {{name: tls, namespace: infra}}\n"
        f"stringData:\n  tls.crt: |{block(chain)}\n  tls.key: |{block(key)}\n"
    )


def read(text: str) -> Certificate | str:
    (found,) = gather(SourceSet({"a.yaml": Source("a.yaml", text)}), Memory(), Found()).manifests.of(Secret)
    return read_certificate(found)


def test_listener_with_a_certificate_of_another_namespace() -> None:
    """A ReferenceGrant lets a Gateway use it; without one the port stays closed."""
    text = GATEWAY + secret(*pems("a"))
    (listener,) = compiled(text + GRANT).world.gateways[0].listeners
    assert listener.certificates[0].key_pem.startswith("-----BEGIN")
    assert "BEGIN" not in repr(listener.certificates[0])
    refused = compiled(text)
    assert codes(refused) == ["TG4210"]
    assert refused.world.gateways[0].listeners == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (secret(*pems("a"), type_="Opaque"), "its type is `Opaque`"),
        (secret("nothing", pems("a")[1]), "`tls.crt` is not a PEM certificate"),
        (secret(pems("a")[0], "nothing"), "`tls.key` is not an unencrypted PEM private key"),
        (secret(pems("a")[0], pems("b")[1]), "`tls.key` does not belong to `tls.crt`"),
        (secret(*pems("a")).replace("tls.key", "other"), "`tls.key` is missing or not base64"),
    ],
)
def test_secret_without_a_usable_certificate(text: str, problem: str) -> None:
    """Envoy would refuse the whole listener, so it is said before."""
    answer = read(text)
    assert isinstance(answer, str)
    assert problem in answer
