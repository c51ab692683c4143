"""Mode gateway: headers count with the gateway's proof, and never without."""

from __future__ import annotations

import httpx2
import pytest
from starlette.requests import HTTPConnection

from tidegate_auth import Auth, AuthSettings, Mode, TrustedHeaders
from tidegate_auth.callers import MAX_PROOFS, GatewayProofs
from tidegate_auth.issuers import gateway_issuer
from tidegate_auth.testing import Issuer, ManualClock, new_key, sign
from tidegate_auth.transport import JsonClient

AUDIENCE = "task.tasks.svc"
IDENTITY = {
    "X-User-OID": "ada",
    "X-User-TID": "tenant",
    "X-User-Roles": "Admin, Editor",
    "X-User-Scopes": "Tasks.Write Tasks.Read",
    "X-User-Name": "Ada Admin",
    "X-Client-App-ID": "spa",
    "X-Gateway-Headers": "x-client-app-id,x-user-name,x-user-oid,x-user-roles,x-user-scopes,x-user-tid",
}


def proven(issuer: Issuer, **headers: str) -> dict[str, str]:
    return {**IDENTITY, "X-Gateway-Authorization": f"Bearer {issuer.proof(audience=AUDIENCE)}", **headers}


async def test_headers_with_a_proof_make_the_caller(gateway_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """All six headers and the bearer arrive."""
    answer = await gateway_service.get("/me", headers=proven(issuer, Authorization="Bearer abc"))
    assert answer.json() == {
        "oid": "ada",
        "tid": "tenant",
        "roles": ["Admin", "Editor"],
        "scopes": ["Tasks.Read", "Tasks.Write"],
        "client": "spa",
        "name": "Ada Admin",
        "is_app": False,
        "token": "abc",
    }


async def test_forged_headers_without_a_proof_are_refused(gateway_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """A request straight to the service gets 401, and nobody is asked for keys."""
    answer = await gateway_service.get("/me", headers=IDENTITY)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["reason"] == "missing"
    assert not issuer.requests


def wrong_proofs(issuer: Issuer) -> dict[str, str]:
    elsewhere = new_key("gateway-1")
    claims = {"iss": f"{issuer.authority}/gateway", "aud": AUDIENCE, "sub": "gateway", "exp": issuer.clock.now() + 60}
    return {
        "audience": issuer.proof(audience="audit.tasks.svc"),
        "expired": issuer.proof(audience=AUDIENCE, lifetime_s=-60),
        "not_yet_valid": issuer.proof(audience=AUDIENCE, nbf=issuer.clock.now() + 60),
        "type": issuer.proof(audience=AUDIENCE, typ="JWT"),
        "issuer": issuer.proof(audience=AUDIENCE, iss=issuer.issuer_of(2)),
        "subject": issuer.proof(audience=AUDIENCE, sub="ada"),
        "signature": sign(claims, elsewhere, typ="gateway-proof+jwt"),
        "key": sign(claims, issuer.tenant_keys[0], typ="gateway-proof+jwt"),
        "malformed": "abc",
    }


@pytest.mark.parametrize(
    "reason",
    ["audience", "expired", "not_yet_valid", "type", "issuer", "subject", "signature", "key", "malformed"],
)
async def test_a_wrong_proof_is_refused(gateway_service: httpx2.AsyncClient, issuer: Issuer, reason: str) -> None:
    """Each way in which a proof can be wrong gives 401 with its reason."""
    proof = wrong_proofs(issuer)[reason]
    answer = await gateway_service.get("/me", headers={**IDENTITY, "X-Gateway-Authorization": f"Bearer {proof}"})
    assert (answer.status_code, answer.json()["reason"]) == (401, reason)
    assert proof not in answer.text


async def test_a_user_token_is_no_proof(gateway_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """A valid access token, even one for this audience, does not stand for the gateway."""
    token = issuer.user_token(audience=AUDIENCE, roles=["Admin"])
    answer = await gateway_service.get("/me", headers={**IDENTITY, "X-Gateway-Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["reason"]) == (401, "type")


async def test_a_proof_of_another_scheme_is_refused(gateway_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """Only Bearer is read."""
    headers = {**IDENTITY, "X-Gateway-Authorization": f"Basic {issuer.proof(audience=AUDIENCE)}"}
    answer = await gateway_service.get("/me", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (401, "scheme")


@pytest.mark.parametrize(
    "extra",
    [
        ("X-User-OID", "eve"),
        ("X_User_Roles", "Admin"),
        ("x-user.roles", "Admin"),
        ("X-GATEWAY-AUTHORIZATION", "Bearer abc"),
        ("X-Gateway-Headers", "x-user-oid"),
        ("X_Gateway_Headers", "x-user-oid"),
        ("Authorization", "Bearer second"),
    ],
)
async def test_ambiguous_headers_are_refused(
    gateway_service: httpx2.AsyncClient, issuer: Issuer, extra: tuple[str, str]
) -> None:
    """A second value, or a second spelling, is refused even with a proof."""
    headers = [*proven(issuer, Authorization="Bearer abc").items(), extra]
    answer = await gateway_service.get("/me", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (401, "ambiguous")


@pytest.mark.parametrize(
    "vouched", [None, "", "x-user-oid,x-user-tid", "x-user-oid, x-user-tid,x-user-roles-2,x-user-scopes,x-user-name"]
)
async def test_headers_that_the_routes_policy_does_not_set_are_refused(
    gateway_service: httpx2.AsyncClient, issuer: Issuer, vouched: str | None
) -> None:
    """The proof comes with every route's requests; whose words the headers are, only the list tells."""
    headers = proven(issuer)
    del headers["X-Gateway-Headers"]
    if vouched is not None:
        headers["X-Gateway-Headers"] = vouched
    answer = await gateway_service.get("/me", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (401, "unvouched")


@pytest.mark.parametrize("missing", ["X-User-OID", "X-User-TID"])
async def test_a_proof_without_a_caller_is_refused(
    gateway_service: httpx2.AsyncClient, issuer: Issuer, missing: str
) -> None:
    """The gateway vouches, but for nobody."""
    headers = {name: value for name, value in proven(issuer).items() if name != missing}
    answer = await gateway_service.get("/me", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (401, "caller")


async def test_a_caller_without_scopes_is_an_application(gateway_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """Empty headers, as the policy leaves them for application tokens, are read as nothing."""
    headers = proven(issuer, **{"X-User-Scopes": "", "X-User-Name": ""})
    answer = (await gateway_service.get("/me", headers=headers)).json()
    assert (answer["is_app"], answer["scopes"], answer["name"]) == (True, [], None)


async def test_a_name_may_be_anything_in_utf8(gateway_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """Names are people's."""
    headers = [*proven(issuer).items()]
    raw = [(name.encode(), value.encode()) for name, value in headers if name != "X-User-Name"]
    answer = await gateway_service.get("/me", headers=[*raw, (b"X-User-Name", "Zoë Ünal".encode())])
    assert answer.json()["name"] == "Zoë Ünal"
    answer = await gateway_service.get("/me", headers=[*raw, (b"X-User-Name", b"\xff")])
    assert (answer.status_code, answer.json()["reason"]) == (401, "malformed")


async def test_a_proof_is_checked_once_until_it_expires(
    gateway_service: httpx2.AsyncClient, issuer: Issuer, clock: ManualClock
) -> None:
    """The cache ends with the proof: the same proof is refused afterwards."""
    headers = proven(issuer)
    for _ in range(5):
        assert (await gateway_service.get("/me", headers=headers)).status_code == 200
    assert issuer.requests["/gateway/discovery/keys"] == 1
    clock.advance(600 + 31)
    answer = await gateway_service.get("/me", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (401, "expired")


async def test_a_rotated_gateway_key_works_at_once(gateway_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """The first proof with the new key makes the service look."""
    assert (await gateway_service.get("/me", headers=proven(issuer))).status_code == 200
    issuer.gateway_keys = [new_key("gateway-2")]
    assert (await gateway_service.get("/me", headers=proven(issuer))).status_code == 200


async def test_a_missing_role_is_403(gateway_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """Known, but not allowed: another answer than unknown."""
    answer = await gateway_service.get("/edit", headers=proven(issuer, **{"X-User-Roles": "Reader"}))
    assert (answer.status_code, answer.json()["reason"]) == (403, "role")
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert (await gateway_service.get("/edit", headers=proven(issuer))).status_code == 200


async def test_an_unreachable_issuer_is_503(gateway_service: httpx2.AsyncClient, issuer: Issuer) -> None:
    """Nobody can tell: neither 401 nor, of course, 200."""
    issuer.fails_with = 500
    answer = await gateway_service.get("/me", headers=proven(issuer))
    assert (answer.status_code, answer.json()["reason"]) == (503, "issuer_unreachable")
    assert answer.headers["Retry-After"] == "5"


async def test_another_scheme_beside_the_proof_is_not_the_callers_token(
    gateway_service: httpx2.AsyncClient, issuer: Issuer
) -> None:
    """A route may be authorized by something else than a bearer: then there is nothing to act on behalf of."""
    answer = await gateway_service.get("/me", headers=proven(issuer, Authorization="Basic YTpi"))
    assert (answer.status_code, answer.json()["token"]) == (200, None)


async def test_credentials_are_plain_text(gateway_service: httpx2.AsyncClient) -> None:
    """Bytes that are no ASCII are nobody's proof."""
    answer = await gateway_service.get("/me", headers=[(b"X-Gateway-Authorization", b"Bearer \xff")])
    assert (answer.status_code, answer.json()["reason"]) == (401, "malformed")


async def test_remembered_proofs_are_bounded(issuer: Issuer) -> None:
    """Many proofs in a short time, as of many gateways: each accepted, the oldest forgotten."""
    proofs = GatewayProofs(
        source=gateway_issuer(
            authority=issuer.authority, fetch=JsonClient(transport=issuer.transport()), clock=issuer.clock
        ),
        audience=AUDIENCE,
        leeway_s=0,
        clock=issuer.clock,
    )
    for number in range(MAX_PROOFS + 10):
        await proofs.check(issuer.proof(audience=AUDIENCE, jti=str(number)))
    assert len(proofs._verified) == MAX_PROOFS


async def test_headers_that_are_not_named_are_not_read(issuer: Issuer) -> None:
    """A policy that sets only two headers: whatever clients send under the other names means nothing."""
    settings = AuthSettings(
        mode=Mode.GATEWAY,
        authority=issuer.authority,
        audience=AUDIENCE,
        headers=TrustedHeaders(tid=None, scopes=None, name=None, client_app_id=None),
    )
    async with Auth(settings, clock=issuer.clock, transport=issuer.transport()) as auth:
        raw = [(name.lower().encode(), value.encode()) for name, value in proven(issuer).items()]
        caller = await auth.caller(HTTPConnection({"type": "http", "headers": raw}))
    assert (caller.oid, caller.roles, caller.tid) == ("ada", {"Admin", "Editor"}, "")
    assert (caller.scopes, caller.name, caller.client_app_id, caller.is_app) == (set(), None, None, False)
