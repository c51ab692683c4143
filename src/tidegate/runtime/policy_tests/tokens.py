"""The issuers that the policies name, with keys of this run: tokens are real, and nobody outside signs them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tidegate.manifests.schema.policy_test import TokenWish
from tidegate.model import IssuerKey, IssuerMetadata

_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_ENTRA: Final = "https://login.microsoftonline.com/"
_KID: Final = "policy-test"


class UnknownIssuer(Exception):
    """No policy names the issuer that a case wants a token of; the message says which there are."""


class Issuers:
    """One key pair of the issuers, one of a stranger."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._urls = tuple(urls)

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65_537, key_size=2048)

    @cached_property
    def _stranger(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65_537, key_size=2048)

    def metadata(self) -> Mapping[str, IssuerMetadata]:
        """What each metadata document is to say."""
        der = self._key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return {
            url: IssuerMetadata(url, issuer_of(url), (IssuerKey(_KID, "RSA", ("RS256",), der),)) for url in self._urls
        }

    def token(self, wish: TokenWish, *, now: float) -> str:
        """A signed token; `now` in epoch seconds. Raises UnknownIssuer."""
        url = wish.issuer
        if url is None and len(self._urls) == 1:
            (url,) = self._urls
        if url not in self._urls or url is None:
            named = ", ".join(self._urls) or "none"
            raise UnknownIssuer(f"`issuer` must be an openid-config URL that a policy names: {named}")
        claims: dict[str, object] = {
            "iss": issuer_of(url),
            "sub": "policy-test",
            "iat": int(now),
            "nbf": int(now) - 5,
            "exp": int(now) + wish.expires_in,
            **({"aud": wish.audience} if wish.audience is not None else {}),
            **wish.claims,
        }
        known = {name: value for name, value in claims.items() if value is not None}
        signed = f"{_encoded({'alg': 'RS256', 'typ': 'JWT', 'kid': _KID})}.{_encoded(known)}"
        key = self._stranger if wish.signed_by == "stranger" else self._key
        signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_base64(signature)}"


def issuer_of(url: str) -> str:
    """What a metadata document says of its issuer: Entra's tokens of version 1 name another host than their metadata
    (Microsoft identity platform, access tokens, `iss`); elsewhere it is the URL itself (OpenID Connect
    Discovery 4.1)."""
    issuer = url.removesuffix(_WELL_KNOWN)
    if issuer.startswith(_ENTRA) and not issuer.endswith("/v2.0"):
        return f"https://sts.windows.net/{issuer.removeprefix(_ENTRA)}/"
    return issuer


def _encoded(content: Mapping[str, object]) -> str:
    return _base64(json.dumps(content).encode())


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
