"""Certificate authorities of the tests' own, and what is served and shown with their certificates."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import ssl
import tempfile
from pathlib import Path
from typing import Any, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from tidegate.model import Certificate, ObjectName

Key: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

_START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
_CENTURY = datetime.timedelta(days=36_500)


class Authority:
    """Vouches for whom it issues to, and for nobody else."""

    def __init__(self, name: str = "authority") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _distinguished(name)
        self._certificate = (
            _builder(self._name, self._key)
            .issuer_name(self._name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def pem(self) -> str:
        return _pem(self._certificate)

    def issue(self, *names: str, common_name: str | None = None, rsa_key: bool = False, expired: bool = False) -> Leaf:
        """A certificate for hosts, addresses and URIs."""
        key: Key = rsa.generate_private_key(65537, 2048) if rsa_key else ec.generate_private_key(ec.SECP256R1())
        subject = _distinguished(common_name or names[0])
        builder = _builder(subject, key, days=1 if expired else None)
        certificate = (
            builder.issuer_name(self._name)
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Leaf(certificate, key)


class Leaf:
    """A certificate with its key."""

    def __init__(self, certificate: x509.Certificate, key: Key) -> None:
        self.chain_pem = _pem(certificate)
        self.key_pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def for_model(self, name: str) -> Certificate:
        """As Secret shop/NAME."""
        return Certificate(ObjectName("shop", name), self.chain_pem, self.key_pem)

    def server(self, *alpn: str, clients: Authority | None = None) -> ssl.SSLContext:
        """What a backend serves TLS with; `clients` vouches for whoever may connect."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._load(context)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        if clients is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=clients.pem)

        def remember(connection: Any, server_name: str | None, _context: ssl.SSLContext) -> None:
            connection.tidegate_server_name = server_name

        context.sni_callback = remember
        return context

    def shown_by(self, context: ssl.SSLContext) -> ssl.SSLContext:
        """A client that presents this certificate."""
        self._load(context)
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            (folder / "both.pem").write_text(self.key_pem + self.chain_pem)
            context.load_cert_chain(folder / "both.pem")


def client_tls(*alpn: str, trust: Authority | None = None) -> ssl.SSLContext:
    """A client; without `trust` it believes any server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = trust is not None
    context.verify_mode = ssl.CERT_REQUIRED if trust is not None else ssl.CERT_NONE
    if trust is not None:
        context.load_verify_locations(cadata=trust.pem)
    context.set_alpn_protocols(list(alpn or ("http/1.1",)))
    return context


def _builder(subject: x509.Name, key: Key, days: int | None = None) -> x509.CertificateBuilder:
    end = _START + (_CENTURY if days is None else datetime.timedelta(days=days))
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_START)
        .not_valid_after(end)
    )


def _distinguished(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(name: str) -> x509.GeneralName:
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(name))
    return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
