"""Signing and lifetimes."""

from __future__ import annotations

from identity.contoso import CONTOSO, World, client_credentials, content, decoded
from tidegate.identity.tokens import LONGEST_TOKEN_S, TokenSigner
from tidegate.keys import KeyRing, Schedule


def test_no_token_outlives_the_overlap_of_its_key() -> None:
    """The constant that the schedule is checked against is true."""
    assert Schedule().overlap_s > LONGEST_TOKEN_S
    worlds = [World(seed=seed) for seed in range(40)]
    lifetimes = {
        world.operator(user="admin@contoso.com", scope="api://tasks/.default")["expires_in"] for world in worlds
    }
    assert 3_600 <= min(lifetimes) < max(lifetimes) < LONGEST_TOKEN_S
    assert len(lifetimes) > 30, "renewals of many users must not come at once"


def test_an_applications_token_lasts_an_hour_less_a_second(world: World) -> None:
    """What people see from Entra."""
    body = content(world.post(form=client_credentials()))
    claims = decoded(body["access_token"], content(world.service.tenant_keys(CONTOSO, version=2)))[1]
    assert claims["exp"] - claims["iat"] == body["expires_in"] == body["ext_expires_in"] == 3_599


def test_headers_name_the_key_that_signs_now(world: World) -> None:
    """The cached header follows a rotation."""
    first, _ = decoded(world.user_token(), content(world.service.tenant_keys(CONTOSO, version=2)))
    world.service.rotate_keys("tenants")
    second, _ = decoded(world.user_token(), content(world.service.tenant_keys(CONTOSO, version=2)))
    assert first["kid"] != second["kid"]


def test_tokens_are_compact_and_unpadded(world: World) -> None:
    """Three base64url parts, no white space inside the JSON."""
    token = world.user_token()
    assert token.count(".") == 2
    assert "=" not in token
    assert len(token) < 1_400


def test_cached_headers_do_not_grow_with_rotations(world: World) -> None:
    """A service that runs for years keeps a handful."""
    ring = KeyRing("gateway", store=world.keys, clock=world.clock)
    signer = TokenSigner(ring)
    for number in range(100):
        signer.sign({}, kind=f"type-{number}")
    assert len(signer._headers) <= 32
