"""Goldens of whole token responses: headers and claims, verified by joserfc against the published keys."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from goldens import Case, Golden, cases
from identity.contoso import (
    ADMIN,
    CONTOSO,
    DIRECTORY,
    NOTIFICATIONS,
    OBO,
    OTHER_SECRET,
    READER,
    SECRET,
    TASKS,
    World,
    content,
    decoded,
)
from keys.made_keys import NOW, made
from tidegate.identity.claims import Stamp, access_claims, pairwise_subject
from tidegate.identity.indexes import DirectoryIndex
from tidegate.identity.protocol.access import PUBLIC, AccessGrant, Caller
from tidegate.model import User

CLIENTS = {"tasks": (TASKS, SECRET), "notifications": (NOTIFICATIONS, OTHER_SECRET)}
RANDOM = {"aio", "rh", "uti"}


@pytest.mark.parametrize("case", cases("identity/claims"))
def test_token_responses(case: Case, golden: Golden) -> None:
    """The response, the token's header and its claims are as the golden says."""
    world = World()
    response = _respond(world, yaml.safe_load(case.source_text))
    keys = content(world.service.tenant_keys(CONTOSO, version=2))
    shown: dict[str, Any] = {}
    for name, value in response.items():
        shown[name] = _shown_token(value, keys) if name in ("access_token", "id_token") else value
    golden.compare(case, {"yaml": yaml.safe_dump(shown, sort_keys=False)})


def _respond(world: World, wanted: dict[str, Any]) -> dict[str, Any]:
    if "operator" in wanted:
        return dict(world.operator(**wanted["operator"]))
    form = dict(wanted["form"])
    client_id, secret = CLIENTS[form.pop("client")]
    form |= {"client_id": client_id, "client_secret": secret}
    if form["grant_type"] == "on_behalf_of":
        assertion = world.operator(**wanted["assertion"])["access_token"]
        form |= {"grant_type": OBO, "requested_token_use": "on_behalf_of", "assertion": assertion}
    reply = world.post(tenant=wanted["tenant"], version=wanted.get("version", 2), form=form)
    assert reply.status == 200, reply.body
    return dict(content(reply))


def _shown_token(token: str, keys: Any) -> dict[str, Any]:
    """Header and claims, with what differs from run to run replaced by what it is."""
    header, claims = decoded(token, keys)
    assert header["kid"] == made(0).kid
    header["kid"] = "(current key)"
    if "x5t" in header:
        assert header["x5t"] == made(0).x5t
        header["x5t"] = "(its certificate)"
    lifetime = claims["exp"] - claims["iat"]
    assert claims["iat"] == claims["nbf"] == NOW
    claims |= {"iat": "(now)", "nbf": "(now)", "exp": f"(now) + {lifetime}"}
    claims |= dict.fromkeys(RANDOM & set(claims), "(random)")
    return {"header": header, "claims": dict(sorted(claims.items()))}


def test_a_users_subject_differs_by_application_and_stays() -> None:
    """Pairwise (OpenID Connect Core section 8.1), and the same on every machine and day."""
    ada = User(CONTOSO, ADMIN, "admin@contoso.com", "Ada")
    renamed = User(CONTOSO, ADMIN, "ada@contoso.com", "Ada A.")
    rita = User(CONTOSO, READER, "reader@contoso.com", "Rita")
    assert pairwise_subject(ada, app_id=TASKS) == pairwise_subject(renamed, app_id=TASKS)
    subjects = {pairwise_subject(user, app_id=app) for user in (ada, rita) for app in (TASKS, NOTIFICATIONS)}
    assert len(subjects) == 4


def test_no_two_tokens_have_one_name() -> None:
    """uti tells tokens apart, so that one can be revoked."""
    world = World()
    keys = content(world.service.tenant_keys(CONTOSO, version=2))
    names = {decoded(world.user_token(), keys)[1]["uti"] for _ in range(20)}
    assert len(names) == 20


def test_an_applications_token_needs_its_service_principal() -> None:
    """The operator's own client, which has none, can never act for itself."""
    world = World()
    index = DirectoryIndex(DIRECTORY, digest="1")
    tenant = DIRECTORY.tenants[0]
    resource = index.resource(tenant, "api://tasks")
    assert resource is not None
    caller = Caller("id", PUBLIC, None)
    grant = AccessGrant("operator", tenant, caller, resource, "api://tasks", None, (), ())
    with pytest.raises(ValueError, match="service principal"):
        access_claims(grant, Stamp(0, int(world.clock.now()), "u", "o"))
