"""From a request's headers to a `Caller`: one function per mode, both given the raw header list of ASGI."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from tidegate_auth.caller import BearerToken, Caller
from tidegate_auth.clock import Clock
from tidegate_auth.errors import TokenRejected
from tidegate_auth.key_source import KeySource
from tidegate_auth.settings import TrustedHeaders, fold
from tidegate_auth.tokens import TokenRules, inspect, verify

RawHeaders = Sequence[tuple[bytes, bytes]]
PROOF_TYPES = ("gateway-proof+jwt",)
ACCESS_TOKEN_TYPES = ("jwt", "at+jwt")
"""Entra writes JWT; at+jwt is RFC 9068's."""
MAX_PROOFS = 256


class CredentialsMissing(TokenRejected):
    """Nothing was presented at all."""

    def __init__(self, detail: str) -> None:
        super().__init__("missing", detail)


class GatewayProofs:
    """Checks that a request came through the gateway.

    A proof serves for minutes and many requests, so it is checked once.
    """

    def __init__(self, *, source: KeySource, audience: str, leeway_s: float, clock: Clock) -> None:
        self._source = source
        self._rules = TokenRules(issuer=source.issuer, audiences=(audience,), leeway_s=leeway_s)
        self._clock = clock
        self._verified: OrderedDict[bytes, float] = OrderedDict()

    async def check(self, proof: str) -> None:
        """Raise TokenRejected unless `proof` is the gateway's, for this service, now."""
        digest = hashlib.sha256(proof.encode()).digest()
        expires = self._verified.get(digest)
        if expires is not None and self._clock.now() < expires:
            return
        token = inspect(proof, types=PROOF_TYPES)
        if token.issuer != self._rules.issuer:
            raise TokenRejected("issuer", "the token is from another issuer")
        verified = verify(token, await self._source.key(token.kid), self._rules, now=self._clock.now())
        if verified.claims.get("sub") != "gateway":
            raise TokenRejected("subject", "the token is not the gateway's")
        self._verified[digest] = verified.expires_at
        self._verified.move_to_end(digest)
        while len(self._verified) > MAX_PROOFS:
            self._verified.popitem(last=False)


async def caller_from_gateway(raw: RawHeaders, *, proofs: GatewayProofs, names: TrustedHeaders) -> Caller:
    """The caller whom the gateway's headers name. Without its proof they are anybody's words, and are not read."""
    proof = _bearer(raw, names.proof)
    if proof is None:
        raise CredentialsMissing("the request did not come through the gateway")
    await proofs.check(proof)
    values = _vouched(raw, _trusted(raw, names), names)
    oid = values.get(names.oid)
    tid = values.get(names.tid, "") if names.tid else ""
    if not oid or (names.tid and not tid):
        raise TokenRejected("caller", "the gateway names no caller")
    roles = _words(values.get(names.roles, "") if names.roles else "", separators=",")
    scopes = _words(values.get(names.scopes, "") if names.scopes else "", separators=", ")
    name = values.get(names.name) if names.name else None
    client_app_id = values.get(names.client_app_id) if names.client_app_id else None
    claims: dict[str, object] = {"oid": oid, "tid": tid, "roles": sorted(roles), "scp": " ".join(sorted(scopes))}
    if name:
        claims["name"] = name
    if client_app_id:
        claims["azp"] = client_app_id
    bearer = _bearer(raw, "Authorization", other_schemes=True)
    return Caller(
        oid=oid,
        tid=tid,
        roles=roles,
        scopes=scopes,
        client_app_id=client_app_id or None,
        name=name or None,
        is_app=bool(names.scopes) and not scopes,
        claims=MappingProxyType(claims),
        token=None if bearer is None else BearerToken(bearer),
    )


class AccessTokens:
    """Checks bearers of one tenant against the tenant's own keys."""

    def __init__(
        self,
        *,
        sources: Mapping[str, KeySource],
        tenant_id: str,
        audiences: Iterable[str],
        leeway_s: float,
        clock: Clock,
    ) -> None:
        self._sources = sources
        self._tenant_id = tenant_id
        self._audiences = frozenset(audiences)
        self._leeway_s = leeway_s
        self._clock = clock

    async def verify(self, text: str) -> dict[str, object]:
        """The claims of an access token. Raises TokenRejected."""
        token = inspect(text, types=ACCESS_TOKEN_TYPES)
        source = self._sources.get(token.issuer)
        if source is None:
            raise TokenRejected("issuer", "the token is from another issuer")
        rules = TokenRules(issuer=source.issuer, audiences=self._audiences, leeway_s=self._leeway_s)
        claims = verify(token, await source.key(token.kid), rules, now=self._clock.now()).claims
        if claims.get("tid") != self._tenant_id:
            raise TokenRejected("tenant", "the token is from another tenant")
        return claims


async def caller_from_bearer(raw: RawHeaders, *, tokens: AccessTokens) -> Caller:
    """The caller whom the bearer names. X-User-* headers play no part."""
    bearer = _bearer(raw, "Authorization")
    if bearer is None:
        raise CredentialsMissing("a bearer token is needed")
    claims = await tokens.verify(bearer)
    oid = _text(claims, "oid")
    if oid is None:
        raise TokenRejected("caller", "the token names no object")
    roles = claims.get("roles", [])
    scopes = _words(_text(claims, "scp") or "", separators=" ")
    return Caller(
        oid=oid,
        tid=_text(claims, "tid") or "",
        roles=frozenset(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else frozenset(),
        scopes=scopes,
        client_app_id=_text(claims, "azp") or _text(claims, "appid"),
        name=_text(claims, "name"),
        is_app=not scopes,
        claims=MappingProxyType(claims),
        token=BearerToken(bearer),
    )


def _bearer(raw: RawHeaders, name: str, *, other_schemes: bool = False) -> str | None:
    """The credentials of a Bearer header; None without it, or with another scheme where `other_schemes` may stand."""
    value = _single(raw, name)
    if value is None:
        return None
    scheme, _, credentials = value.partition(" ")
    # RFC 9110 section 11.1: schemes are compared without regard to case.
    if scheme.lower() != "bearer":
        if other_schemes:
            return None
        raise TokenRejected("scheme", f"{name} must be of scheme Bearer")
    return credentials.strip()


def _single(raw: RawHeaders, name: str) -> str | None:
    wanted = name.lower().encode()
    values = [value for key, value in raw if key.lower() == wanted]
    if len(values) > 1:
        # Which of two would count is what request smuggling is about.
        raise TokenRejected("ambiguous", f"{name} was sent more than once")
    if not values:
        return None
    try:
        return values[0].decode("ascii").strip()
    except UnicodeDecodeError:
        raise TokenRejected("malformed", f"{name} is not plain text") from None


def _trusted(raw: RawHeaders, names: TrustedHeaders) -> dict[str, str]:
    """The values of the headers that are read. Twice, or spelled otherwise: somebody else had a hand in it."""
    spelled = {fold(name): name for name in names.names()}
    values: dict[str, str] = {}
    for key, value in raw:
        header = key.decode("latin-1").lower()
        name = spelled.get(fold(header))
        if name is None:
            continue
        if name in values or header != name.lower():
            raise TokenRejected("ambiguous", f"{name} was sent more than once, or in another spelling")
        try:
            # Names are people's: UTF-8, as the gateway writes it.
            values[name] = value.decode("utf-8").strip()
        except UnicodeDecodeError:
            raise TokenRejected("malformed", f"{name} is not UTF-8") from None
    return values


def _vouched(raw: RawHeaders, values: dict[str, str], names: TrustedHeaders) -> dict[str, str]:
    """`values`, once the gateway vouches for each of them.

    The proof comes with every request, also on a route whose policy sets none of these headers or only some: there they
    are the client's words.
    """
    own = {name.strip() for name in (_single(raw, names.vouched) or "").lower().split(",")}
    for name in values:
        if name not in (names.proof, names.vouched) and name.lower() not in own:
            raise TokenRejected("unvouched", f"the gateway sets no {name} on this route, so somebody else did")
    return values


def _words(text: str, *, separators: str) -> frozenset[str]:
    for separator in separators:
        text = text.replace(separator, "\n")
    return frozenset(word.strip() for word in text.split("\n") if word.strip())


def _text(claims: Mapping[str, object], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and value else None
