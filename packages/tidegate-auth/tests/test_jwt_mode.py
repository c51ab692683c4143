"""Mode jwt: the bearer is checked here; X-User-* headers are nobody's business."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from typing import Any

import httpx2
from cryptography.hazmat.primitives import serialization
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from tidegate_auth.testing import TENANT, Issuer, new_key, sign

API = "api://tasks"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_v2_user_token_makes_the_caller(jwt_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """v2: aud is the client id, the program is azp."""
    token = issuer.user_token(audience="tasks-client-id", roles=["Editor"], scopes=["a", "b"], client="spa")
    assert (await jwt_service.get("/me", headers=bearer(token))).json() == {
        "oid": "ada",
        "tid": TENANT,
        "roles": ["Editor"],
        "scopes": ["a", "b"],
        "client": "spa",
        "name": "Ada",
        "is_app": False,
        "token": token,
    }


async def test_a_v1_app_token_makes_the_caller(jwt_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """v1: aud is the identifier URI, the program is appid, the issuer sts.windows.net."""
    token = issuer.app_token(audience=API, client="worker", roles=["AuditLog.Write"], version=1)
    answer = (await jwt_service.get("/me", headers=bearer(token))).json()
    assert (answer["oid"], answer["client"], answer["is_app"]) == ("sp-worker", "worker", True)
    assert issuer.requests[f"/{TENANT}/discovery/keys"] == 1


async def test_identity_headers_are_ignored(jwt_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """Forged headers change nothing, alone or beside a token."""
    forged = {"X-User-OID": "eve", "X-User-Roles": "Admin", "X-Gateway-Authorization": "Bearer x"}
    assert (await jwt_service.get("/me", headers=forged)).status_code == 401
    token = issuer.user_token(audience=API, roles=["Reader"])
    answer = (await jwt_service.get("/me", headers={**forged, **bearer(token)})).json()
    assert (answer["oid"], answer["roles"]) == ("ada", ["Reader"])


def wrong_tokens(issuer: Issuer) -> dict[str, str]:
    valid = issuer.user_token(audience=API)
    head, body, signature = valid.split(".")
    key = issuer.tenant_keys[-1]
    public_pem = key.as_pem(private=False)
    unsigned = {"typ": "JWT", "kid": key.kid}
    hs256 = {"alg": "HS256", **unsigned}
    now = issuer.clock.now()
    return {
        "alg none": f"{encode({'alg': 'none', **unsigned})}.{body}.",
        "alg none, with a signature": f"{encode({'alg': 'none', **unsigned})}.{body}.{signature}",
        "HS256 with the public key": keyed(f"{encode(hs256)}.{body}", public_pem),
        "HS256 with the public key's DER": keyed(f"{encode(hs256)}.{body}", der(public_pem)),
        "own key in the header": with_own_key(issuer),
        "own key under the issuer's kid": sign(payload(valid), new_key(key.kid or "")),
        "ES256": jwt.encode(
            {"alg": "ES256", **unsigned}, payload(valid), ECKey.generate_key("P-256"), algorithms=["ES256"]
        ),
        "RS512": jwt.encode({"alg": "RS512", **unsigned}, payload(valid), key, algorithms=["RS512"]),
        "no kid": jwt.encode({"alg": "RS256", "typ": "JWT"}, payload(valid), key),
        "crit": f"{encode({'alg': 'RS256', **unsigned, 'crit': ['exp'], 'exp': 1})}.{body}.{signature}",
        "unknown kid": sign(payload(valid), new_key("never-seen")),
        "another audience": issuer.user_token(audience="api://audit"),
        "no audience": issuer.user_token(audience=API, aud=None),
        "audience in an object": issuer.user_token(audience=API, aud={"api://tasks": True}),
        "another issuer": issuer.user_token(audience=API, iss="https://login.microsoftonline.com/other/v2.0"),
        "issuer without its slash": issuer.user_token(audience=API, version=1, iss=f"https://sts.windows.net/{TENANT}"),
        "another tenant": issuer.user_token(audience=API, tid="22222222-2222-4222-8222-222222222222"),
        "expired": issuer.user_token(audience=API, exp=now - 31),
        "no exp": issuer.user_token(audience=API, exp=None),
        "exp as text": issuer.user_token(audience=API, exp="9999999999"),
        "exp never": issuer.user_token(audience=API, exp=float("inf")),
        "exp not a number": issuer.user_token(audience=API, exp=float("nan")),
        "exp true": issuer.user_token(audience=API, exp=True),
        "exp beyond floats": issuer.user_token(audience=API, exp=10**400),
        "not yet valid": issuer.user_token(audience=API, nbf=now + 31),
        "no oid": issuer.user_token(audience=API, oid="", sub="x"),
        "gateway proof": issuer.proof(audience=API),
        "changed claims": f"{head}.{encode({**payload(valid), 'roles': ['Admin']})}.{signature}",
        "truncated": valid[:-4],
        "four parts": valid + ".abc",
        "padding": valid + "=",
        "nothing": "",
        "deep JSON": f"{head}.{raw(b'[' * 10_000)}.{signature}",
        "huge": "a" * 20_000,
        "not JSON": f"{raw(b'abc')}.{raw(b'abc')}.abc",
        "an array": f"{head}.{raw(b'[]')}.{signature}",
    }


def encode(value: Any) -> str:
    return raw(json.dumps(value).encode())


def raw(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def payload(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(jws.extract_compact(token.encode()).payload)
    return claims


def keyed(text: str, secret: bytes) -> str:
    return f"{text}.{raw(hmac.new(secret, text.encode(), 'sha256').digest())}"


def der(pem: bytes) -> bytes:
    return serialization.load_pem_public_key(pem).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def with_own_key(issuer: Issuer) -> str:
    own = new_key("mine")
    header = {"alg": "RS256", "typ": "JWT", "kid": "mine", "jwk": own.as_dict(private=False), "jku": "https://eve.test"}
    return jwt.encode(header, payload(issuer.user_token(audience=API)), own, registry=_wide())


def _wide() -> jws.JWSRegistry:
    registry = jws.JWSRegistry(strict_check_header=False)
    registry.max_header_length = 4096
    return registry


async def test_wrong_tokens_are_refused(jwt_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """Every attack gets 401 with a challenge, and no answer repeats anything of the token."""
    accepted = []
    for name, token in wrong_tokens(issuer).items():
        answer = await jwt_service.get("/me", headers=bearer(token))
        challenged = answer.headers.get("WWW-Authenticate", "").startswith("Bearer error=")
        if answer.status_code != 401 or not challenged or (token and token in answer.text):
            accepted.append((name, answer.status_code, answer.text))
    assert accepted == []


async def test_clocks_may_differ_a_little(jwt_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """Inside the leeway both ends are accepted."""
    now = issuer.clock.now()
    for token in (issuer.user_token(audience=API, exp=now - 29), issuer.user_token(audience=API, nbf=now + 29)):
        assert (await jwt_service.get("/me", headers=bearer(token))).status_code == 200


async def test_a_rotated_key_works_at_once(jwt_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """Also right after the keys were fetched; the old key goes on while it is published."""
    old = issuer.user_token(audience=API)
    assert (await jwt_service.get("/me", headers=bearer(old))).status_code == 200
    issuer.tenant_keys.append(new_key("tenant-2"))
    new = issuer.user_token(audience=API)
    assert (await jwt_service.get("/me", headers=bearer(new))).status_code == 200
    assert (await jwt_service.get("/me", headers=bearer(old))).status_code == 200


async def test_two_authorization_headers_are_refused(jwt_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """Which of them would count is not for chance to decide."""
    headers = [("Authorization", f"Bearer {issuer.user_token(audience=API)}"), ("Authorization", "Bearer x")]
    answer = await jwt_service.get("/me", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (401, "ambiguous")


async def test_a_missing_scope_is_403_and_named(jwt_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """RFC 6750 section 3.1: the challenge says which scope would do."""
    token = issuer.user_token(audience=API, scopes=["Other"])
    answer = await jwt_service.get("/send", headers=bearer(token))
    assert answer.status_code == 403
    assert 'scope="Notify.Send"' in answer.headers["WWW-Authenticate"]
    token = issuer.user_token(audience=API, scopes=["Other", "Notify.Send"])
    assert (await jwt_service.get("/send", headers=bearer(token))).status_code == 200
