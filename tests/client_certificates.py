"""Certificates with their keys as API Management has them, for tests: PKCS#12 in base64."""

from __future__ import annotations

import base64

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def pfx_of(chain_pem: str, key_pem: str | None, password: str) -> str:
    """A chain, leaf first, with its key or without one."""
    leaf, *more = x509.load_pem_x509_certificates(chain_pem.encode())
    key = serialization.load_pem_private_key(key_pem.encode(), None) if key_pem is not None else None
    assert key is None or isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
    closed = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return base64.b64encode(pkcs12.serialize_key_and_certificates(b"test", key, leaf, more or None, closed)).decode()
