"""Attacks on the on-behalf-of assertion: nothing but our own valid token of that user, for that API, is exchanged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from identity.contoso import (
    ADMIN,
    CONTOSO,
    FABRIKAM,
    TASKS,
    World,
    content,
    on_behalf_of,
)
from keys.made_keys import NOW, made
from tidegate.keys import SigningKey, base64url


def _part(value: Any) -> str:
    return base64url(json.dumps(value).encode())


def _signed(header: dict[str, Any], claims: Any, *, key: SigningKey | None = None) -> str:
    text = f"{_part(header)}.{_part(claims)}"
    return f"{text}.{base64url((key or made(0)).sign(text.encode()))}"


def _claims(world: World, **changes: Any) -> dict[str, Any]:
    """The claims of a good assertion, changed; None removes one."""
    payload = world.user_token().split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))) | changes
    return {name: value for name, value in claims.items() if value is not None}


def _header(**changes: Any) -> dict[str, Any]:
    return {"typ": "JWT", "alg": "RS256", "kid": made(0).kid, **changes}


def _alg_none(world: World) -> str:
    return f"{_part(_header(alg='none'))}.{_part(_claims(world))}."


def _hs256_with(secret: bytes) -> Callable[[World], str]:
    def forge(world: World) -> str:
        text = f"{_part(_header(alg='HS256'))}.{_part(_claims(world))}"
        return f"{text}.{base64url(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"

    return forge


def _public_pem() -> bytes:
    return made(0).private_key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip


def _padded(world: World) -> str:
    return ".".join(part + "=" * (-len(part) % 4) for part in world.user_token().split("."))


FORGED: dict[str, Callable[[World], str]] = {
    "alg none": _alg_none,
    "alg none with the old signature": lambda world: _alg_none(world) + world.user_token().split(".")[2],
    "HS256 with the public key's PEM": _hs256_with(_public_pem()),
    "HS256 with the modulus": _hs256_with(str(made(0).public_jwk["n"]).encode()),
    "alg in another case": lambda world: _signed(_header(alg="rs256"), _claims(world)),
    "PS256 named, RS256 used": lambda world: _signed(_header(alg="PS256"), _claims(world)),
    "no alg": lambda world: _signed({"typ": "JWT", "kid": made(0).kid}, _claims(world)),
    "a key of ours that is not published": lambda world: _signed(_header(kid=made(9).kid), _claims(world), key=made(9)),
    "an unpublished key under a published name": lambda world: _signed(_header(), _claims(world), key=made(9)),
    "the gateway's key": lambda world: _signed(_header(kid=made(2).kid), _claims(world), key=made(2)),
    "the gateway's proof": lambda world: str(world.service.proofs(["task.tasks.svc"])["tokens"]["task.tasks.svc"]),
    "the key sent along as jwk": lambda world: _signed(
        {"typ": "JWT", "alg": "RS256", "jwk": made(9).public_jwk}, _claims(world), key=made(9)
    ),
    "the key at a URL": lambda world: _signed(
        _header(jku="https://evil.example/keys", kid=made(9).kid), _claims(world), key=made(9)
    ),
    "no kid": lambda world: _signed({"typ": "JWT", "alg": "RS256"}, _claims(world)),
    "kid of another type": lambda world: _signed(_header(kid=[made(0).kid]), _claims(world)),
    "an extension that must be understood": lambda world: _signed(_header(crit=["b64"], b64=False), _claims(world)),
    "another typ": lambda world: _signed(_header(typ="gateway-proof+jwt"), _claims(world)),
    "claims that are no object": lambda world: _signed(_header(), [1]),
    "claims that are no JSON": lambda world: world.user_token().split(".")[0] + ".e30.AAAA",
    "four parts": lambda world: world.user_token() + ".AAAA",
    "two parts": lambda world: world.user_token().rpartition(".")[0],
    "padding": _padded,
    "not ASCII": lambda world: world.user_token() + "ä",
    "too long": lambda world: world.user_token() + "A" * 40_000,
    "another tenant's issuer": lambda world: _signed(
        _header(), _claims(world, iss=f"https://login.microsoftonline.com/{FABRIKAM}/v2.0")
    ),
    "another tenant's tid": lambda world: _signed(_header(), _claims(world, tid=FABRIKAM)),
    "a foreign issuer": lambda world: _signed(_header(), _claims(world, iss="https://evil.example/")),
    "an issuer without its slash": lambda world: _signed(
        _header(), _claims(world, iss=f"https://sts.windows.net/{CONTOSO}")
    ),
    "no times": lambda world: _signed(_header(), _claims(world, exp=None)),
    "times as text": lambda world: _signed(_header(), _claims(world, exp="2000000000")),
    "no oid": lambda world: _signed(_header(), _claims(world, oid=None)),
    "oid of another type": lambda world: _signed(_header(), _claims(world, oid=[ADMIN])),
    "an id token": lambda world: str(
        content(world.post(form=on_behalf_of(world.user_token(), scope="api://notifications/.default openid")))[
            "id_token"
        ]
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_assertion_is_refused(world: World, name: str) -> None:
    """50013, and no token."""
    body = content(world.post(form=on_behalf_of(FORGED[name](world))))
    assert body["error_codes"] == [50013], body
    assert "access_token" not in body


@pytest.mark.parametrize("kid", [0, 1], ids=["current", "next"])
def test_any_published_key_verifies(world: World, kid: int) -> None:
    """The forgeries above fail for their own reason, not because nothing passes."""
    key = made(kid)
    token = _signed(_header(kid=key.kid), _claims(world), key=key)
    assert world.post(form=on_behalf_of(token)).status == 200


def test_a_v1_issuer_of_the_tenant_is_ours(world: World) -> None:
    """An API of version 1 presents version 1 tokens."""
    token = _signed(_header(), _claims(world, iss=f"https://sts.windows.net/{CONTOSO}/", aud="api://tasks"))
    assert world.post(form=on_behalf_of(token)).status == 200


@pytest.mark.parametrize(
    "audience", ["api://tasks/", "API://tasks", "api://task", TASKS.upper() + " ", "", None, [TASKS], {"a": 1}]
)
def test_the_audience_is_compared_exactly(world: World, audience: Any) -> None:
    """Client id or identifier URI of the caller, as a text; nothing near it, and no list that contains it."""
    token = _signed(_header(), _claims(world, aud=audience))
    assert content(world.post(form=on_behalf_of(token)))["error_codes"] == [500131]


@pytest.mark.parametrize(("claim", "value"), [("exp", NOW), ("nbf", NOW + 1)])
def test_the_time_range_has_no_leeway(world: World, claim: str, value: float) -> None:
    """We signed it by the same clock."""
    token = _signed(_header(), _claims(world, **{claim: int(value)}))
    assert content(world.post(form=on_behalf_of(token)))["error_codes"] == [500133]


def test_a_token_of_before_a_rotation_is_exchanged_and_after_the_overlap_not(world: World) -> None:
    """Rotation takes nobody's valid token; retirement takes the key."""
    old = world.user_token()
    claims = _claims(world, exp=int(NOW) + 10 * 86_400)
    ring = world.service.rotate_keys("tenants")
    assert ring.current == made(1)
    assert world.post(form=on_behalf_of(old)).status == 200
    world.clock.advance(7_200)
    world.service.refresh_keys()
    assert content(world.post(form=on_behalf_of(_signed(_header(), claims))))["error_codes"] == [50013]
