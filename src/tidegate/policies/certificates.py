"""Certificates with their keys as API Management has them: PKCS#12 in base64."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from tidegate.model import ClientCertificate

_SHORTEST_RSA_BITS = 2048
"""Envoy refuses shorter ones."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A certificate that can be shown."""

    certificate: ClientCertificate
    thumbprint: str
    """SHA-1 of the certificate, upper-case hexadecimal: how API Management names it."""


def open_certificate(data: str, password: str) -> Opened | str:
    """The certificate, or what is wrong with it, in words that tell nothing of its content."""
    try:
        bundle = load_pkcs12(base64.b64decode("".join(data.split()), validate=True), password.encode() or None)
    except (ValueError, UnsupportedAlgorithm):
        return "is no PKCS#12 in base64, or its password is another one"
    if bundle.cert is None or bundle.key is None:
        return "holds no certificate with its private key"
    key, leaf = bundle.key, bundle.cert.certificate
    is_usable = isinstance(key, ec.EllipticCurvePrivateKey) or (
        isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _SHORTEST_RSA_BITS
    )
    if not is_usable:
        return "has a key that is neither RSA of 2048 bits or more nor of an elliptic curve"
    chain = "".join(
        each.public_bytes(Encoding.PEM).decode()
        for each in (leaf, *(more.certificate for more in bundle.additional_certs))
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    digest = hashlib.sha256(chain.encode()).hexdigest()[:16]
    return Opened(ClientCertificate(digest, chain, private), _thumbprint(leaf.fingerprint(hashes.SHA1())))  # noqa: S303 - its name


def _thumbprint(digest: bytes) -> str:
    return digest.hex().upper()
