"""Certificates of an authority of our own, made in memory: for HTTPS listeners that are measured."""

from __future__ import annotations

import base64
import datetime as dt
import ssl
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.fleet import NAMESPACE

_DAY: Final = dt.timedelta(days=1)

_SECRET: Final = """\
apiVersion: v1
kind: Secret
metadata:
  name: {name}
  namespace: {namespace}
type: kubernetes.io/tls
data:
  tls.crt: {certificate}
  tls.key: {key}
"""


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate and its key."""

    certificate: bytes
    """PEM."""
    key: bytes
    """PEM, PKCS #8."""
    serial: int

    def secret(self, name: str) -> str:
        """The Kubernetes Secret that holds both."""
        return _SECRET.format(
            name=name,
            namespace=NAMESPACE,
            certificate=base64.b64encode(self.certificate).decode(),
            key=base64.b64encode(self.key).decode(),
        )


class Authority:
    """Issues certificates that its own root vouches for."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "benchmark authority")])
        self._now = dt.datetime.now(dt.UTC)
        self._root = (
            self._builder(self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    def issue(self, *hosts: str) -> Issued:
        """A certificate for these hosts, valid for a month."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:60])])
        names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        certificate = (
            self._builder(subject, key.public_key())
            .add_extension(names, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Issued(
            certificate.public_bytes(serialization.Encoding.PEM),
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
            certificate.serial_number,
        )

    def client_context(self) -> ssl.SSLContext:
        """TLS of a client that trusts nobody else."""
        return ssl.create_default_context(cadata=self._root.public_bytes(serialization.Encoding.PEM).decode())

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _DAY)
            .not_valid_after(self._now + 30 * _DAY)
        )
