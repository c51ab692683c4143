"""validate-client-certificate in real Envoy: whom TLS has let in, and who of them is meant."""

from __future__ import annotations

import hashlib
import ssl

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from gateway_certificates import authority
from gateway_lab import Lab

pytestmark = pytest.mark.e2e

GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: tidegate
  listeners:
    - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}
    - {name: http, port: 80, protocol: HTTP}
  tls:
    frontend:
      default:
        validation:
          mode: AllowInsecureFallback
          caCertificateRefs: [{group: "", kind: ConfigMap, name: clients}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: v1, port: 80}]}]
"""
POLICY = """
---
apiVersion: tidegate.dev/v1alpha1
kind: ApimPolicy
metadata: {name: check}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop}]
  policy:
    inline: |
      <policies>
        <inbound><base /><validate-client-certificate validate-revocation="false" %s</inbound>
        <backend><base /></backend>
        <outbound />
        <on-error><set-header name="x-message" exists-action="override">
          <value>@(context.LastError.Reason + ": " + context.LastError.Message)</value></set-header></on-error>
      </policies>
"""


def leaf(of: str, name: str, *, days: int = 30) -> tuple[trustme.LeafCert, x509.Certificate]:
    made = authority(of).leaf(f"{name}.test", common_name=name, days=days)
    return made, x509.load_pem_x509_certificate(made.cert_chain_pems[0].bytes())


def ask(lab: Lab, certificate: trustme.LeafCert | None) -> tuple[int, str | None]:
    context: ssl.SSLContext = authority().client(certificate)
    answer = lab.get(port=443, tls=context, server_name="shop.example.com", host="shop.example.com")
    return answer.status, answer.header("x-message")


def test_who_is_let_in(lab: Lab) -> None:
    """Trust and times by default; any one identity, all of its claims; errors may be ignored."""
    lab.http("v1")
    lab.add(authority().secret("shop", "shop.example.com"))
    lab.add(authority("clients").config_map("clients"))
    alice, parsed = leaf("clients", "alice")
    bob, _ = leaf("clients", "bob")
    mallory, _ = leaf("strangers", "alice")
    thumbprint = hashlib.sha1(parsed.public_bytes(Encoding.DER), usedforsecurity=False).hexdigest().upper()

    def policy(rest: str) -> None:
        lab.apply(GATEWAY + POLICY % rest)

    wrong = "InvalidClientCertificate: "
    policy("/>")
    assert ask(lab, alice) == (200, None)
    assert ask(lab, None) == (403, wrong + "No client certificate was presented.")
    assert ask(lab, mallory) == (403, wrong + "The client certificate is not trusted.")
    assert lab.get().status == 403  # not over TLS
    none = wrong + "The client certificate is none of the identities that are allowed."
    for identity in (
        f'thumbprint="{thumbprint}"',
        f'serial-number="{parsed.serial_number:x}" common-name="alice"',
        'dns-name="ALICE.test"',
        'common-name="nobody" /><identity common-name="alice"',
    ):
        policy(f"><identities><identity {identity} /></identities></validate-client-certificate>")
        assert ask(lab, alice) == (200, None), identity
        assert ask(lab, bob) == (403, none), identity
    policy(
        '><identities><identity common-name="alice" dns-name="bob.test" /></identities></validate-client-certificate>'
    )
    assert ask(lab, alice) == (403, none)
    policy('validate-trust="false" />')
    assert ask(lab, mallory) == (200, None)
    policy('ignore-error="true" />')
    assert ask(lab, None) == (200, None)
