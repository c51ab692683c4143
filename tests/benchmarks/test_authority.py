"""Certificates for measured listeners."""

from __future__ import annotations

import base64
import ssl

import yaml

from benchmarks.authority import Authority
from compiling import compiled

GATEWAY = """\
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: fleet}
spec:
  gatewayClassName: tidegate
  listeners: [{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: edge}]}}]
"""


def test_a_secret_holds_a_certificate_that_tidegate_serves() -> None:
    """kubernetes.io/tls, certificate and key of each other, without a finding."""
    authority = Authority()
    issued = authority.issue("a.fleet.test", "b.fleet.test")
    secret = issued.secret("edge")
    assert base64.b64decode(yaml.safe_load(secret)["data"]["tls.crt"]) == issued.certificate
    compilation = compiled(secret + GATEWAY)
    assert compilation.diagnostics == ()
    assert compilation.world.gateways[0].listeners[0].certificates


def test_certificates_are_told_apart_by_serial() -> None:
    """A rotation is seen by it; the client trusts this authority and nobody else."""
    authority = Authority()
    assert authority.issue("a.test").serial != authority.issue("a.test").serial
    context = authority.client_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert len(context.get_ca_certs()) == 1
