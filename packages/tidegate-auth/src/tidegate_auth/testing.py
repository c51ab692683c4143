"""A real issuer for tests: own keys, real signatures, discovery, keys and token endpoint. Nothing is mocked.

    issuer = Issuer(clock=ManualClock())
    auth = Auth(settings, clock=issuer.clock, transport=issuer.transport())
    token = issuer.user_token(audience="api://tasks", oid="...", roles=["Editor"])

Never for production: it gives everybody what they ask for.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

import httpx2
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tidegate_auth.clock import Clock
from tidegate_auth.settings import PUBLIC_AUTHORITY

TENANT = "11111111-1111-4111-8111-111111111111"
AUTHORITY = "https://issuer.test"
LIFETIME_S = 3600


class ManualClock:
    """A clock that moves only when told to."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self._now = now
        self._monotonic = 0.0

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        self._now += seconds
        self._monotonic += seconds


class Issuer:
    """One tenant and one gateway. `requests` counts what was asked for, by path."""

    def __init__(
        self,
        *,
        clock: Clock,
        authority: str = AUTHORITY,
        tenant_id: str = TENANT,
        clients: Mapping[str, str] | None = None,
        app_roles: Mapping[str, Sequence[str]] | None = None,
        tenant_key: RSAKey | None = None,
        gateway_key: RSAKey | None = None,
    ) -> None:
        """`clients` are client ids and their secrets; `app_roles` the roles that each holds in its own tokens.

        Making keys takes a while: many issuers of one test run may share them.
        """
        self.clock = clock
        self.authority = authority
        self.tenant_id = tenant_id
        self.clients = dict(clients or {})
        self.app_roles = {client: list(roles) for client, roles in (app_roles or {}).items()}
        self.requests: Counter[str] = Counter()
        self.fails_with: int | None = None
        """Where set, every path answers this status."""
        self.tenant_keys = [tenant_key or new_key("tenant-1")]
        """The last one signs; all are published."""
        self.gateway_keys = [gateway_key or new_key("gateway-1")]
        self.app = Starlette(
            routes=[
                Route("/gateway/.well-known/openid-configuration", self._gateway_metadata),
                Route("/gateway/discovery/keys", self._gateway_jwks),
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self._v2_metadata),
                Route("/{tenant}/.well-known/openid-configuration", self._v1_metadata),
                Route("/{tenant}/discovery/v2.0/keys", self._tenant_jwks),
                Route("/{tenant}/discovery/keys", self._tenant_jwks),
                Route("/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
            ]
        )

    def transport(self) -> httpx2.ASGITransport:
        """Reaches this issuer without a socket."""
        return httpx2.ASGITransport(self.app)

    def issuer_of(self, version: int) -> str:
        """Entra's issuer name for v1 or v2 tokens."""
        return (
            f"https://sts.windows.net/{self.tenant_id}/"
            if version == 1
            else f"{PUBLIC_AUTHORITY}/{self.tenant_id}/v2.0"
        )

    def user_token(
        self,
        *,
        audience: str,
        oid: str = "ada",
        roles: Sequence[str] = (),
        scopes: Sequence[str] = ("access",),
        client: str = "spa",
        version: int = 2,
        **claims: object,
    ) -> str:
        """A user's access token. `claims` are added, or replace; None takes one away."""
        own: dict[str, object] = {"oid": oid, "name": oid.title(), "scp": " ".join(scopes)}
        if roles:
            own["roles"] = list(roles)
        return self._access_token(audience, {**own, **claims}, client=client, version=version)

    def app_token(
        self, *, audience: str, client: str = "worker", roles: Sequence[str] = (), version: int = 2, **claims: object
    ) -> str:
        """An application's own access token."""
        own: dict[str, object] = {"oid": f"sp-{client}", "sub": f"sp-{client}", "idtyp": "app"}
        if roles:
            own["roles"] = list(roles)
        return self._access_token(audience, {**own, **claims}, client=client, version=version)

    def proof(self, *, audience: str, typ: str = "gateway-proof+jwt", lifetime_s: float = 600, **claims: object) -> str:
        """The gateway's proof for a backend."""
        now = int(self.clock.now())
        own: dict[str, object] = {
            "iss": f"{self.authority}/gateway",
            "aud": audience,
            "sub": "gateway",
            "iat": now,
            "nbf": now,
            "exp": now + int(lifetime_s),
        }
        return sign({**own, **claims}, self.gateway_keys[-1], typ=typ)

    def _access_token(self, audience: str, own: Mapping[str, object], *, client: str, version: int) -> str:
        now = int(self.clock.now())
        claims: dict[str, object] = {
            "iss": self.issuer_of(version),
            "aud": audience,
            "tid": self.tenant_id,
            "sub": "subject",
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_S,
            "ver": f"{version}.0",
            ("appid" if version == 1 else "azp"): client,
        }
        return sign({**claims, **own}, self.tenant_keys[-1])

    async def _gateway_metadata(self, request: Request) -> JSONResponse:
        base = f"{self.authority}/gateway"
        return self._answer(request, {"issuer": base, "jwks_uri": f"{base}/discovery/keys"})

    async def _gateway_jwks(self, request: Request) -> JSONResponse:
        return self._answer(request, jwks(self.gateway_keys))

    async def _v2_metadata(self, request: Request) -> JSONResponse:
        keys = f"{self.authority}/{self.tenant_id}/discovery/v2.0/keys"
        return self._answer(request, {"issuer": self.issuer_of(2), "jwks_uri": keys})

    async def _v1_metadata(self, request: Request) -> JSONResponse:
        keys = f"{self.authority}/{self.tenant_id}/discovery/keys"
        return self._answer(request, {"issuer": self.issuer_of(1), "jwks_uri": keys})

    async def _tenant_jwks(self, request: Request) -> JSONResponse:
        return self._answer(request, jwks(self.tenant_keys))

    async def _token(self, request: Request) -> JSONResponse:
        form = dict(parse_qsl((await request.body()).decode()))
        client = form.get("client_id", "")
        if self.clients.get(client) != form.get("client_secret"):
            return self._answer(request, _failure("invalid_client", 7000215, "Invalid client secret provided."), 401)
        audience = form.get("scope", "").rpartition("/")[0]
        if form.get("grant_type") == "client_credentials":
            token = self.app_token(audience=audience, client=client, roles=self.app_roles.get(client, ()))
        else:
            user = _payload(form["assertion"])
            if user.get("scp") is None:
                failure = _failure("invalid_grant", 7000114, "Application is not allowed to make on-behalf-of calls.")
                return self._answer(request, failure, 400)
            scope = form["scope"].rpartition("/")[2]
            token = self.user_token(audience=audience, oid=str(user["oid"]), scopes=[scope], client=client)
        return self._answer(request, {"token_type": "Bearer", "expires_in": LIFETIME_S - 1, "access_token": token})

    def _answer(self, request: Request, body: Mapping[str, object], status: int = 200) -> JSONResponse:
        self.requests[request.url.path] += 1
        if self.fails_with is not None:
            return JSONResponse({"error": "temporarily_unavailable"}, status_code=self.fails_with)
        return JSONResponse(body, status_code=status, headers={"Cache-Control": "no-store"})


def new_key(kid: str) -> RSAKey:
    """A fresh RSA key of 2048 bits."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}, private=True)


def jwks(keys: Sequence[RSAKey]) -> dict[str, object]:
    """The public key set of `keys`."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


def sign(claims: Mapping[str, object], key: RSAKey, *, typ: str = "JWT") -> str:
    """A compact RS256 token. Claims that are None are left out."""
    header = {"alg": "RS256", "typ": typ, "kid": key.kid}
    return jwt.encode(header, {name: value for name, value in claims.items() if value is not None}, key)


def _payload(token: str) -> dict[str, object]:
    segment = token.split(".")[1]
    claims: dict[str, object] = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return claims


def _failure(error: str, code: int, text: str) -> dict[str, object]:
    return {"error": error, "error_description": f"AADSTS{code}: {text}", "error_codes": [code]}
