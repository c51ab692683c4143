"""The service as a whole: reload, proofs, rotation with restart, and that nothing makes it fail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from joserfc.errors import JoseError

from identity.contoso import (
    AUTHORITY,
    CONTOSO,
    DIRECTORY,
    OBO,
    SECRET,
    TASKS,
    World,
    client_credentials,
    content,
    decoded,
    on_behalf_of,
)
from keys.made_keys import NOW, made
from tidegate.clock import SeededRandomness
from tidegate.identity import TokenService
from tidegate.identity.errors import OAuthError
from tidegate.identity.protocol.messages import TokenCall
from tidegate.keys import Schedule

FUZZED = World()
FUZZED_ASSERTION = FUZZED.user_token()

_names = st.sampled_from(
    ["grant_type", "client_id", "client_secret", "scope", "resource", "assertion", "requested_token_use",
     "client_assertion", "claims", "client_info", "client-request-id", "x"]
)  # fmt: skip
_values = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["client_credentials", OBO, "password", TASKS, SECRET, "api://audit/.default", "api://notifications/Notify.Send",
         "on_behalf_of", FUZZED_ASSERTION, "{}", "[]", "1", "https://notify.contoso.com//.default", "openid", "a.b.c"]
    ),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    pairs=st.lists(st.tuples(_names, _values), max_size=10),
    raw=st.one_of(st.none(), st.binary(max_size=100)),
    tenant=st.one_of(st.sampled_from([CONTOSO, "contoso.com", "common"]), st.text(max_size=20)),
    version=st.sampled_from([1, 2]),
    authorization=st.one_of(st.just(""), st.text(max_size=40).map(lambda text: "Basic " + text)),
)
@example(pairs=list(client_credentials().items()), raw=None, tenant=CONTOSO, version=2, authorization="")
def test_any_request_gives_a_token_or_a_documented_error(
    pairs: list[tuple[str, str]], raw: bytes | None, tenant: str, version: int, authorization: str
) -> None:
    """Never an exception, never a 5xx, always JSON with the fields that clients read."""
    body = raw if raw is not None else urlencode(pairs, errors="replace").encode()
    reply = FUZZED.service.token(
        TokenCall(
            tenant,
            version,
            body,
            content_type="application/x-www-form-urlencoded",
            authorization=authorization,
        )
    )
    document = content(reply)
    if reply.status == 200:
        assert document["token_type"] == "Bearer"
    else:
        assert reply.status in (400, 401, 413)
        assert {"error", "error_description", "error_codes"} <= set(document)


def _verify_proof(world: World, proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return decoded(proof, content(world.service.gateway_keys()))


def test_a_proof_is_for_one_backend_and_ten_minutes(world: World) -> None:
    """Issuer and keys of the gateway's own; a type that no access token has."""
    answer = world.service.proofs(["task.tasks.svc", "audit.tasks.svc"])
    assert answer["expires_in"] == 600
    header, claims = _verify_proof(world, answer["tokens"]["task.tasks.svc"])
    assert header == {"alg": "RS256", "typ": "gateway-proof+jwt", "kid": made(2).kid}
    assert {name: value for name, value in claims.items() if name != "jti"} == {
        "iss": f"{AUTHORITY}/gateway",
        "aud": "task.tasks.svc",
        "sub": "gateway",
        "iat": int(NOW),
        "nbf": int(NOW),
        "exp": int(NOW) + 600,
    }
    assert claims["jti"] != _verify_proof(world, answer["tokens"]["audit.tasks.svc"])[1]["jti"]


def test_a_proof_does_not_verify_with_the_tenants_keys(world: World) -> None:
    """Whoever mixes the two sets up gets nothing."""
    proof = world.service.proofs(["task.tasks.svc"])["tokens"]["task.tasks.svc"]
    with pytest.raises((JoseError, ValueError)):
        decoded(proof, content(world.service.tenant_keys(CONTOSO, version=2)))


def test_a_backend_that_is_not_there_gets_no_proof(world: World) -> None:
    """A slip in a name must not become a valid token for somebody else."""
    with pytest.raises(OAuthError) as raised:
        world.service.proofs(["task.tasks.svc", "api://tasks"])
    assert raised.value.detail == "No backend has the audience 'api://tasks'."


def test_a_new_backend_gets_its_proof_at_once(world: World) -> None:
    """Control writes the directory and asks without waiting for the watch."""
    world.source.replace(replace(DIRECTORY, workload_audiences=("new.tasks.svc",)))
    assert set(world.service.proofs(["new.tasks.svc"])["tokens"]) == {"new.tasks.svc"}


def test_a_reload_takes_effect_for_the_next_request(world: World) -> None:
    """A secret that was taken away stops working."""
    assert world.post(form=client_credentials()).status == 200
    stripped = tuple(replace(application, passwords=()) for application in DIRECTORY.applications)
    world.source.replace(replace(DIRECTORY, applications=stripped))
    assert world.service.reload()
    assert content(world.post(form=client_credentials()))["error_codes"] == [7000215]


def test_a_malformed_directory_keeps_the_last_good_one(world: World) -> None:
    """And says that it did."""
    digest = world.service.health()["directory"]
    world.source.replace(None)
    assert not world.service.reload()
    assert world.post(form=client_credentials()).status == 200
    assert world.service.health()["directory"] == digest


def test_a_service_starts_without_a_directory() -> None:
    """It knows no tenant until control has written one."""
    world = World()
    world.source.replace(None)
    service = _restarted(world)
    assert service.health()["tenants"] == 0
    world.source.replace(DIRECTORY)
    assert service.reload()
    assert service.health()["tenants"] == 2


def _restarted(world: World) -> TokenService:
    """Another process over the same store, directory and clock."""
    return TokenService(
        authority=AUTHORITY,
        directory=world.source,
        keys=world.keys,
        clock=world.clock,
        randomness=SeededRandomness(7),
    )


def test_tokens_outlive_restart_and_rotation(world: World) -> None:
    """A token of before verifies with the key set of after, until it ends; then its key goes."""
    token = world.user_token()
    service = _restarted(world)
    service.rotate_keys("tenants")
    keys = content(service.tenant_keys(CONTOSO, version=2))
    assert decoded(token, keys)[1]["tid"] == CONTOSO
    assert keys["keys"][0]["kid"] == made(1).kid
    world.clock.advance(Schedule().overlap_s)
    again = _restarted(world)
    with pytest.raises((JoseError, ValueError)):
        decoded(token, content(again.tenant_keys(CONTOSO, version=2)))


def test_the_next_key_is_published_before_it_signs(world: World) -> None:
    """A verifier that cached the set before a rotation verifies tokens of after."""
    cached = content(world.service.tenant_keys(CONTOSO, version=2))
    world.service.rotate_keys("tenants")
    header, _ = decoded(world.user_token(), cached)
    assert header["kid"] == made(1).kid


def test_rotating_the_tenants_keys_leaves_the_gateways(world: World) -> None:
    """And the other way round."""
    before = world.service.health()["keys"]
    world.service.rotate_keys("tenants")
    after = world.service.health()["keys"]
    assert after["gateway"] == before["gateway"]
    assert after["tenants"] != before["tenants"]


def test_due_rotations_happen_by_themselves(world: World) -> None:
    """At the moment that the service names."""
    before = world.service.health()["keys"]["tenants"]
    world.clock.advance(world.service.keys_due - NOW)
    world.service.refresh_keys()
    after = world.service.health()["keys"]["tenants"]
    assert after[0] == before[1]
    assert before[0] in after


def test_a_user_removed_from_the_directory_gets_nothing_new(world: World) -> None:
    """Their old token verifies, and is not exchanged."""
    token = world.user_token()
    world.source.replace(replace(DIRECTORY, users=()))
    world.service.reload()
    assert content(world.post(form=on_behalf_of(token)))["error_codes"] == [50034]


def test_responses_are_not_stored(world: World) -> None:
    """RFC 6749 section 5.1."""
    headers = world.post(form=client_credentials()).headers
    assert (headers["Cache-Control"], headers["Pragma"]) == ("no-store", "no-cache")
