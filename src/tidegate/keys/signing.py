"""Signing keys: RSA 2048 for RS256 (RFC 7518 section 3.3), their thumbprints and their public form.

RS256 and nothing else: it is what Entra signs with and what every verifier of its tokens accepts. A key carries a
self-signed certificate because Entra's key set has one (`x5c`, `x5t`); nobody should trust it for TLS.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

ALGORITHM: Final = "RS256"
_BITS: Final = 2048
_EXPONENT: Final = 65537
_CERTIFICATE_DAYS: Final = 5 * 365
_PADDING: Final = padding.PKCS1v15()
_HASH: Final = hashes.SHA256()
_PROBE: Final = b"Tidegate checks a key that it has read"


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


@dataclass(frozen=True)
class SigningKey:
    """A private key that is ready to sign. Compared by identity of the key: its thumbprint."""

    private_key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid}, ...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SigningKey) and self.kid == other.kid

    def __hash__(self) -> int:
        return hash(self.kid)

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 over SHA-256."""
        return self.private_key.sign(data, _PADDING, _HASH)

    @cached_property
    def kid(self) -> str:
        """The JWK thumbprint (RFC 7638), so that equal keys have equal names everywhere."""
        return thumbprint(self._numbers)

    @cached_property
    def x5t(self) -> str:
        """The certificate's SHA-1 thumbprint (RFC 7515 section 4.1.7): an identifier, not a proof."""
        return base64url(self.certificate.fingerprint(hashes.SHA1()))  # noqa: S303 - the format demands SHA-1

    @cached_property
    def public_jwk(self) -> dict[str, object]:
        """The public key as a member of a key set (RFC 7517), with the fields of Entra's."""
        certificate = self.certificate.public_bytes(serialization.Encoding.DER)
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": ALGORITHM,
            "kid": self.kid,
            "x5t": self.x5t,
            "n": self._numbers["n"],
            "e": self._numbers["e"],
            "x5c": [base64.b64encode(certificate).decode("ascii")],
        }

    @cached_property
    def _numbers(self) -> dict[str, str]:
        numbers = self.private_key.public_key().public_numbers()
        return {"n": _unsigned(numbers.n), "e": _unsigned(numbers.e)}

    def private_pem(self) -> str:
        """PKCS #8, not encrypted: the file's mode protects it."""
        return self.private_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode("ascii")

    def certificate_pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def generate_key(*, now: float) -> SigningKey:
    """Make a new key (some tens of milliseconds). `now` is epoch seconds, for the certificate."""
    private_key = rsa.generate_private_key(_EXPONENT, _BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tidegate token signing")])
    begins = datetime.datetime.fromtimestamp(now, datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + datetime.timedelta(days=_CERTIFICATE_DAYS))
        .sign(private_key, hashes.SHA256())
    )
    return SigningKey(private_key, certificate)


def load_key(*, private_pem: str, certificate_pem: str) -> SigningKey:
    """Read what `private_pem` and `certificate_pem` wrote. ValueError: not a pair of ours."""
    # OpenSSL's own check of an RSA key takes 50 ms and would double the time to start. The file is ours and private;
    # what damage could do to it shows in a signature that does not verify.
    private_key = serialization.load_pem_private_key(
        private_pem.encode("ascii"), password=None, unsafe_skip_rsa_key_validation=True
    )
    certificate = x509.load_pem_x509_certificate(certificate_pem.encode("ascii"))
    if not isinstance(private_key, rsa.RSAPrivateKey) or certificate.public_key() != private_key.public_key():
        raise ValueError("the certificate does not belong to the signing key, or that is not RSA")
    key = SigningKey(private_key, certificate)
    try:
        private_key.public_key().verify(key.sign(_PROBE), _PROBE, _PADDING, _HASH)
    except InvalidSignature:
        raise ValueError("the signing key makes signatures that do not verify") from None
    return key


def thumbprint(jwk: dict[str, str]) -> str:
    """The SHA-256 thumbprint of an RSA key (RFC 7638 section 3): required members, sorted, no white space."""
    members = {"e": jwk["e"], "kty": "RSA", "n": jwk["n"]}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    return base64url(hashlib.sha256(text.encode("ascii")).digest())


def _unsigned(number: int) -> str:
    return base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))
