"""Issuers' metadata and keys: OpenID Connect Discovery 1.0 and RFC 7517 key sets, fetched and checked.

Microsoft's own hosts are answered by the local token service unless the user wants the real ones: that is what makes a
policy written for Entra work unchanged on a laptop.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import ipaddress
import json
from collections.abc import Mapping
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tidegate.adapters.unix_http import Answer, ServiceUnreachable
from tidegate.model import IssuerKey, IssuerMetadata

ENTRA_HOSTS: Final = frozenset({"login.microsoftonline.com", "sts.windows.net", "login.windows.net"})

MAX_BYTES: Final = 1_000_000
MAX_KEYS: Final = 100
TIMEOUT_S: Final = 10.0
MAX_REDIRECTS: Final = 3
MIN_RSA_BITS: Final = 2048

_CURVES: Final[Mapping[str, tuple[type[ec.EllipticCurve], str]]] = {
    "P-256": (ec.SECP256R1, "ES256"),
    "P-384": (ec.SECP384R1, "ES384"),
    "P-521": (ec.SECP521R1, "ES512"),
}
_RSA_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")


class IssuerUnreachable(Exception):
    """The metadata or the keys could not be had. The message says why, in one line."""


class LocalDocuments(Protocol):
    """What the local token service offers: its public documents by path."""

    async def get(self, target: str) -> Answer: ...


class Issuers:
    """Fetches `IssuerMetadata`; keeps nothing."""

    def __init__(self, *, local: LocalDocuments, authority: str, use_entra: bool) -> None:
        self._local = local
        self._authority_host = urlsplit(authority).netloc
        self._use_entra = use_entra

    def is_local(self, url: str) -> bool:
        """Whether the local token service answers for this metadata URL."""
        parts = urlsplit(url)
        if parts.netloc == self._authority_host:
            return True
        return not self._use_entra and parts.hostname in ENTRA_HOSTS

    async def fetch(self, url: str) -> IssuerMetadata:
        """The issuer and keys that `url`, an OpenID metadata document's, leads to. Raises IssuerUnreachable."""
        local = self.is_local(url)
        metadata = await self._document(url, local=local)
        issuer, keys_url = metadata.get("issuer"), metadata.get("jwks_uri")
        if not isinstance(issuer, str) or not isinstance(keys_url, str):
            raise IssuerUnreachable(f"{url} names no issuer and jwks_uri")
        key_set = await self._document(keys_url, local=local)
        allowed = metadata.get("id_token_signing_alg_values_supported")
        keys = read_keys(key_set, allowed=tuple(allowed) if isinstance(allowed, list) else ())
        if not keys:
            raise IssuerUnreachable(f"{keys_url} has no key that signatures can be checked with")
        return IssuerMetadata(url=url, issuer=issuer, keys=keys)

    async def _document(self, url: str, *, local: bool) -> Mapping[str, Any]:
        body = await self._local_body(url) if local else await _remote_body(url)
        try:
            document = json.loads(body)
        except (ValueError, RecursionError) as reason:
            raise IssuerUnreachable(f"{url} is no JSON") from reason
        if not isinstance(document, dict):
            raise IssuerUnreachable(f"{url} is no JSON object")
        return document

    async def _local_body(self, url: str) -> bytes:
        parts = urlsplit(url)
        try:
            answer = await self._local.get(parts.path + (f"?{parts.query}" if parts.query else ""))
        except ServiceUnreachable as reason:
            raise IssuerUnreachable(f"the local token service, asked for {url}: {reason}") from reason
        if answer.status != 200:
            raise IssuerUnreachable(f"the local token service answers {answer.status} for {url}")
        return answer.body


def read_keys(key_set: Mapping[str, Any], *, allowed: tuple[str, ...] = ()) -> tuple[IssuerKey, ...]:
    """The signing keys of a JWK set (RFC 7517), by kid. Keys for encryption, symmetric, weak or damaged ones are left
    out: RFC 7517 section 5 asks for that, and no token can be verified with them."""
    listed = key_set.get("keys")
    if not isinstance(listed, list):
        return ()
    keys: dict[str, IssuerKey] = {}
    for jwk in listed[:MAX_KEYS]:
        key = _read_key(jwk, allowed=allowed) if isinstance(jwk, dict) else None
        # Two keys of one kid: the first wins, as in every client that builds a map.
        if key is not None and key.kid not in keys:
            keys[key.kid] = key
    return tuple(keys[kid] for kid in sorted(keys))


def _read_key(jwk: Mapping[str, Any], *, allowed: tuple[str, ...]) -> IssuerKey | None:
    kid = jwk.get("kid")
    if not isinstance(kid, str) or jwk.get("use", "sig") != "sig":
        return None
    try:
        match jwk.get("kty"):
            case "RSA":
                return _rsa_key(kid, jwk, allowed=allowed)
            case "EC":
                return _ec_key(kid, jwk)
            case _:
                return None
    except (KeyError, TypeError, ValueError, UnsupportedAlgorithm):
        return None


def _rsa_key(kid: str, jwk: Mapping[str, Any], *, allowed: tuple[str, ...]) -> IssuerKey | None:
    public = rsa.RSAPublicNumbers(e=_number(jwk["e"]), n=_number(jwk["n"])).public_key()
    if public.key_size < MIN_RSA_BITS:
        return None
    # RFC 8725 section 3.1: the algorithm belongs to the key. Entra's keys name none; its metadata does.
    named = (jwk["alg"],) if "alg" in jwk else allowed or ("RS256",)
    algorithms = tuple(name for name in _RSA_ALGORITHMS if name in named)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return IssuerKey(kid=kid, kty="RSA", algorithms=algorithms, der=der) if algorithms else None


def _ec_key(kid: str, jwk: Mapping[str, Any]) -> IssuerKey | None:
    curve, algorithm = _CURVES[jwk["crv"]]
    if jwk.get("alg", algorithm) != algorithm:
        return None
    public = ec.EllipticCurvePublicNumbers(x=_number(jwk["x"]), y=_number(jwk["y"]), curve=curve()).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return IssuerKey(kid=kid, kty="EC", algorithms=(algorithm,), der=der)


def _number(text: str) -> int:
    """RFC 7518 section 2, Base64urlUInt."""
    try:
        return int.from_bytes(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except binascii.Error as reason:
        raise ValueError("not base64url") from reason


async def _remote_body(url: str) -> bytes:
    """GET over TLS, within limits of size, time and redirects."""
    # Imported here: most runs never leave the machine, and this takes a quarter of a second.
    import httpx2

    try:
        async with asyncio.timeout(TIMEOUT_S), httpx2.AsyncClient(timeout=TIMEOUT_S) as client:
            for _ in range(MAX_REDIRECTS + 1):
                _refuse_unsafe(url)
                async with client.stream("GET", url, headers={"Accept": "application/json"}) as answer:
                    if answer.has_redirect_location:
                        url = str(answer.url.join(answer.headers["location"]))
                        continue
                    if answer.status_code != 200:
                        raise IssuerUnreachable(f"{url} answers {answer.status_code}")
                    body = b""
                    async for chunk in answer.aiter_bytes():
                        body += chunk
                        if len(body) > MAX_BYTES:
                            raise IssuerUnreachable(f"{url} is larger than {MAX_BYTES} bytes")
                    return body
    except TimeoutError as reason:
        raise IssuerUnreachable(f"{url} did not answer within {TIMEOUT_S:.0f} s") from reason
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as reason:
        raise IssuerUnreachable(f"{url}: {reason or type(reason).__name__}") from reason
    raise IssuerUnreachable(f"{url} redirects more than {MAX_REDIRECTS} times")


def _refuse_unsafe(url: str) -> None:
    """Keys are as trustworthy as the way they came: TLS, or this very machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        if _is_link_local(parts.hostname):
            raise IssuerUnreachable(f"{url} is a link-local address")
        return
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return
    raise IssuerUnreachable(f"{url} is not https")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_link_local(host: str) -> bool:
    """Instance metadata services live there; no issuer does."""
    try:
        return ipaddress.ip_address(host).is_link_local
    except ValueError:
        return False
