"""Tokens: signed with the current key, and verified when they come back."""

from __future__ import annotations

import base64
import json
from typing import Any, Final

from joserfc import jwk, jws
from joserfc.errors import JoseError

from tidegate.clock import Clock, Randomness
from tidegate.identity.claims import Stamp, access_claims, id_claims
from tidegate.identity.errors import ASSERTION_INVALID, OAuthError
from tidegate.identity.protocol.access import AccessGrant
from tidegate.keys import ALGORITHM, KeyRing, SigningKey, base64url

APPLICATION_TOKEN_S: Final = 3599
"""What Entra gives an application, to the second."""
USER_TOKEN_S: Final = 3600
USER_TOKEN_SPREAD_S: Final = 1800
"""A user's token lasts 60 to 90 minutes, at random, so that renewals do not come in waves."""
LONGEST_TOKEN_S: Final = USER_TOKEN_S + USER_TOKEN_SPREAD_S
PROOF_S: Final = 600

_MAX_ASSERTION: Final = 32 * 1024
_HEADERS_KEPT: Final = 32


# One encoder for all tokens: json.dumps makes one for each call that is not its default.
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


def compact_json(document: dict[str, Any]) -> bytes:
    """JSON without white space, in ASCII."""
    return _encode(document).encode("ascii")


class TokenSigner:
    """Makes compact JWS (RFC 7515 section 7.1). The encoded header of each key is made once."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._headers: dict[tuple[str, str, bool], bytes] = {}

    @property
    def kid(self) -> str:
        return self._ring.current.kid

    def sign(self, claims: dict[str, Any], *, kind: str = "JWT", with_x5t: bool = False) -> str:
        key = self._ring.current
        payload = base64.urlsafe_b64encode(compact_json(claims)).rstrip(b"=")
        text = self._header(key, kind, with_x5t=with_x5t) + b"." + payload
        return f"{text.decode('ascii')}.{base64url(key.sign(text))}"

    def _header(self, key: SigningKey, kind: str, *, with_x5t: bool) -> bytes:
        encoded = self._headers.get((key.kid, kind, with_x5t))
        if encoded is None:
            header = {"typ": kind, "alg": ALGORITHM, "kid": key.kid}
            if with_x5t:
                header["x5t"] = key.x5t
            encoded = base64url(compact_json(header)).encode("ascii")
            if len(self._headers) >= _HEADERS_KEPT:
                self._headers.clear()
            self._headers[key.kid, kind, with_x5t] = encoded
        return encoded


class OwnTokenVerifier:
    """Checks that a token was signed with one of our published keys. RS256 only, whatever the token says."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring
        self._keys: dict[str, jwk.RSAKey] = {}
        self._registry = jws.JWSRegistry(algorithms=[ALGORITHM])
        self._registry.max_payload_length = _MAX_ASSERTION

    def verified_claims(self, token: str) -> dict[str, Any]:
        if len(token) > _MAX_ASSERTION:
            raise OAuthError(ASSERTION_INVALID, f"It is longer than {_MAX_ASSERTION} characters.")
        try:
            signed = jws.deserialize_compact(token.encode("ascii"), self._find_key, registry=self._registry)
            claims = json.loads(signed.payload)
        except (JoseError, ValueError, RecursionError) as error:
            detail = "It is not a token that this service signed with one of its current keys."
            raise OAuthError(ASSERTION_INVALID, detail, reason=type(error).__name__) from None
        if signed.headers().get("typ") != "JWT" or not isinstance(claims, dict):
            raise OAuthError(ASSERTION_INVALID, "It is not a JWT.")
        return claims

    def _find_key(self, signed: Any) -> jwk.RSAKey:
        kid = signed.headers().get("kid")
        key = self._ring.find(kid) if isinstance(kid, str) else None
        if key is None:
            raise ValueError("the key is not published")
        known = self._keys.get(key.kid)
        if known is None:
            public = key.public_jwk
            known = jwk.RSAKey.import_key({name: str(public[name]) for name in ("kty", "n", "e")})
            # Only keys that are published now are kept.
            self._keys = {k.kid: self._keys[k.kid] for k in self._ring.key_set.published if k.kid in self._keys}
            self._keys[key.kid] = known
        return known


class TokenIssuer:
    """Turns a decision into the fields of a token response."""

    def __init__(self, signer: TokenSigner, *, clock: Clock, randomness: Randomness) -> None:
        self._signer = signer
        self._clock = clock
        self._randomness = randomness

    def issue(self, grant: AccessGrant) -> tuple[dict[str, Any], Stamp]:
        """The response in the shape of the v2 endpoint, and the access token's stamp for the log."""
        stamp = self._stamp(self._lifetime(grant))
        version = grant.resource.application.requested_access_token_version
        lifetime = stamp.expires - stamp.issued
        response: dict[str, Any] = {"token_type": "Bearer"}
        if grant.user is not None:
            response["scope"] = " ".join(f"{grant.audience}/{scope}" for scope in grant.scopes)
        response["expires_in"] = lifetime
        response["ext_expires_in"] = lifetime
        response["access_token"] = self._signer.sign(access_claims(grant, stamp), with_x5t=version == 1)
        if grant.user is not None and grant.wants_id_token:
            claims = id_claims(grant, grant.user, self._stamp(APPLICATION_TOKEN_S + 1))
            response["id_token"] = self._signer.sign(claims)
        if grant.user is not None and grant.wants_client_info:
            identity = {"uid": grant.user.object_id, "utid": grant.tenant.id}
            response["client_info"] = base64url(compact_json(identity))
        return response, stamp

    def _lifetime(self, grant: AccessGrant) -> int:
        if grant.user is None:
            return APPLICATION_TOKEN_S
        return USER_TOKEN_S + int.from_bytes(self._randomness.bytes(2), "big") % USER_TOKEN_SPREAD_S

    def _stamp(self, lifetime: int) -> Stamp:
        issued = int(self._clock.now())
        return Stamp(
            issued=issued,
            expires=issued + lifetime,
            unique=base64url(self._randomness.bytes(16)),
            opaque=base64url(self._randomness.bytes(24)),
        )


def in_v1_shape(response: dict[str, Any], grant: AccessGrant, stamp: Stamp) -> dict[str, Any]:
    """The response of the v1 endpoint: numbers are strings of digits, and the resource is echoed."""
    v1 = {name: str(value) for name, value in response.items()}
    if grant.user is not None:
        v1["scope"] = " ".join(grant.scopes)
    return v1 | {
        "expires_on": str(stamp.expires),
        "not_before": str(stamp.issued),
        "resource": grant.audience,
    }
