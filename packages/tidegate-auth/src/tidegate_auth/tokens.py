"""Signed tokens: read their form, check their signature, check their claims. In that order, and never less.

Pure: keys and time are passed in. Nothing here believes a token's own words about how it wants to be checked: the
algorithm is RS256 (RFC 8725 section 3.1), the key is the issuer's by `kid`, and `jku`, `jwk`, `x5u` and `x5c` are not
looked at.
"""

from __future__ import annotations

import json
import math
import re
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from tidegate_auth.errors import TokenRejected

ALGORITHM = "RS256"
MAX_TOKEN_CHARACTERS = 16_384
"""Entra's tokens stay below 8 KiB; servers refuse header lines of more than 16 KiB anyway."""
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_REGISTRY = jws.JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
_REGISTRY.max_header_length = MAX_TOKEN_CHARACTERS


@dataclass(frozen=True, slots=True)
class Unverified:
    """A token's form, before anything about it is known to be true."""

    text: str
    kid: str
    issuer: str
    """Only good for choosing among issuers that are trusted anyway."""


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a token must say to be accepted."""

    issuer: str
    audiences: Collection[str]
    leeway_s: float


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token says, now known to be said by its issuer, to us, for now."""

    claims: dict[str, object]
    expires_at: float


def inspect(text: str, *, types: Collection[str]) -> Unverified:
    """Read the form of a compact RS256 token of one of `types`. Raises TokenRejected; costs no key and no network.

    `types` are `typ` values in lower case: a token of one kind must not pass for another (RFC 8725 section 3.11).
    """
    if len(text) > MAX_TOKEN_CHARACTERS or _COMPACT.fullmatch(text) is None:
        raise TokenRejected("malformed", "the token is not a compact signed token")
    head, body, _ = text.split(".")
    header = _json_object(head)
    if header.get("alg") != ALGORITHM:
        raise TokenRejected("algorithm", f"the token is not signed with {ALGORITHM}")
    kind = header.get("typ")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in types:
        raise TokenRejected("type", "the token is of another type")
    if "crit" in header or "b64" in header:
        # RFC 7515 section 4.1.11: extensions that are not understood must be refused. We understand none.
        raise TokenRejected("malformed", "the token uses an extension that is not supported")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= 256:
        raise TokenRejected("key", "the token names no key")
    issuer = _json_object(body).get("iss")
    if not isinstance(issuer, str):
        raise TokenRejected("issuer", "the token names no issuer")
    return Unverified(text=text, kid=kid, issuer=issuer)


def verify(token: Unverified, key: RSAKey, rules: TokenRules, *, now: float) -> Verified:
    """What `token` says, once signature and claims hold. Raises TokenRejected."""
    try:
        jws.deserialize_compact(token.text, key, registry=_REGISTRY)
    except JoseError as error:
        raise TokenRejected("signature", "the token's signature does not verify") from error
    claims = _json_object(token.text.split(".")[1])
    return Verified(claims, expires_at=_check_claims(claims, rules, now=now))


def _check_claims(claims: Mapping[str, object], rules: TokenRules, *, now: float) -> float:
    """When the claims expire."""
    if claims.get("iss") != rules.issuer:
        raise TokenRejected("issuer", "the token is from another issuer")
    expires = _seconds(claims, "exp")
    if expires is None:
        raise TokenRejected("expired", "the token does not say when it expires")
    if now >= expires + rules.leeway_s:
        raise TokenRejected("expired", "the token has expired")
    not_before = _seconds(claims, "nbf")
    if not_before is not None and now < not_before - rules.leeway_s:
        raise TokenRejected("not_yet_valid", "the token is not valid yet")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(item, str) and item in rules.audiences for item in named):
        raise TokenRejected("audience", "the token is for another audience")
    return expires


def _seconds(claims: Mapping[str, object], name: str) -> float | None:
    """A NumericDate (RFC 7519 section 2). Python's JSON reads NaN and Infinity, which no comparison would refuse."""
    if name not in claims:
        return None
    value = claims[name]
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            seconds = float(value)
        except OverflowError:
            seconds = math.inf
        if math.isfinite(seconds):
            return seconds
    raise TokenRejected("malformed", f"the token's {name} is not a time")


def _json_object(segment: str) -> dict[str, object]:
    try:
        value = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, RecursionError) as error:
        raise TokenRejected("malformed", "the token is not made of JSON objects") from error
    if not isinstance(value, dict):
        raise TokenRejected("malformed", "the token is not made of JSON objects")
    return value
