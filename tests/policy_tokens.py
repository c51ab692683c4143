"""Tokens for tests: keys, honest tokens, and forged ones."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from policy_programs import METADATA

ISSUER = "https://login.example.com/tenant/v2.0"
_HASHES = {"RS256": hashes.SHA256(), "RS384": hashes.SHA384(), "RS512": hashes.SHA512()}


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    """A key pair; the same for the same name within one run."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_der(name: str) -> bytes:
    """The public key, as SubjectPublicKeyInfo."""
    return (
        key(name).public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def issuer_keys(
    *kids: str, issuer: str = ISSUER, url: str = METADATA, algorithms: tuple[str, ...] = ("RS256",)
) -> dict[str, Any]:
    """The `keys` of a filter context: each kid names a key pair."""
    listed = [
        {"kid": kid, "algorithms": list(algorithms), "der": base64.b64encode(public_der(kid)).decode()} for kid in kids
    ]
    return {url: {"issuer": issuer, "keys": listed}}


def claims(**changed: Any) -> dict[str, Any]:
    """Claims that every test policy accepts, with changes; None removes one."""
    now = int(time.time())
    all_claims = {"iss": ISSUER, "aud": "api://tasks", "sub": "alice", "exp": now + 86_400, "nbf": now - 5, **changed}
    return {name: value for name, value in all_claims.items() if value is not None}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signing_input(header: dict[str, Any], payload: dict[str, Any]) -> str:
    return f"{b64(json.dumps(header).encode())}.{b64(json.dumps(payload).encode())}"


def token(
    payload: dict[str, Any] | None = None, *, kid: str | None = "k1", signer: str | None = None, **header: Any
) -> str:
    """A token signed with the key named `signer`, by default the one that `kid` names."""
    all_headers = {"alg": "RS256", "typ": "JWT", "kid": kid, **header}
    text = signing_input({n: v for n, v in all_headers.items() if v is not None}, payload or claims())
    algorithm = _HASHES.get(str(all_headers["alg"]), hashes.SHA256())
    signature = key(signer or kid or "k1").sign(text.encode(), padding.PKCS1v15(), algorithm)
    return f"{text}.{b64(signature)}"


def pss_token(payload: dict[str, Any] | None = None, *, kid: str = "k1", algorithm: str = "PS256") -> str:
    """A token signed by RSASSA-PSS, its salt as long as the hash (RFC 7518 section 3.5)."""
    text = signing_input({"alg": algorithm, "typ": "JWT", "kid": kid}, payload or claims())
    digest = _HASHES[algorithm.replace("PS", "RS")]
    scheme = padding.PSS(padding.MGF1(digest), digest.digest_size)
    return f"{text}.{b64(key(kid).sign(text.encode(), scheme, digest))}"


def hmac_token(
    secret: bytes, payload: dict[str, Any] | None = None, *, algorithm: str = "HS256", kid: str | None = None
) -> str:
    """A token signed with a shared secret."""
    header = {"alg": algorithm, "typ": "JWT", **({"kid": kid} if kid else {})}
    text = signing_input(header, payload or claims())
    return f"{text}.{b64(hmac.digest(secret, text.encode(), f'sha{algorithm[2:]}'))}"


def encrypted_token(secret: bytes, inner: str, *, algorithm: str = "dir", encryption: str = "A128CBC-HS256") -> str:
    """A JWE in compact form around a token, made by another implementation."""
    from joserfc import jwe
    from joserfc.jwk import OctKey

    registry = jwe.JWERegistry(algorithms=[algorithm, encryption])
    head = {"alg": algorithm, "enc": encryption, "cty": "JWT"}
    return jwe.encrypt_compact(head, inner, OctKey.import_key(secret), registry=registry)


def unsigned(payload: dict[str, Any] | None = None, *, algorithm: str = "none") -> str:
    """A token without a signature."""
    return signing_input({"alg": algorithm, "typ": "JWT", "kid": "k1"}, payload or claims()) + "."


def signed_with_public_key(payload: dict[str, Any] | None = None, *, pem: bool = True) -> str:
    """HS256 with the public key as the secret: the confusion of RFC 8725 section 2.1."""
    text = signing_input({"alg": "HS256", "typ": "JWT", "kid": "k1"}, payload or claims())
    form = serialization.Encoding.PEM if pem else serialization.Encoding.DER
    secret = key("k1").public_key().public_bytes(form, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"{text}.{b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def bearer(text: str) -> tuple[str, str]:
    """The header that carries a token."""
    return ("Authorization", f"Bearer {text}")
