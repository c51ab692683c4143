"""On behalf of: which scopes the new token carries, for whom, and through whom."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from identity.contoso import ADMIN, CONTOSO, NOTIFICATIONS, OTHER_SECRET, TASKS, World, content, decoded, on_behalf_of


def _exchange(world: World, user: str = "admin@contoso.com", **changes: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The response and the new token's claims."""
    reply = world.post(form=on_behalf_of(world.user_token(user), **changes))
    body = content(reply)
    assert reply.status == 200, body
    return body, decoded(body["access_token"], content(world.service.tenant_keys(CONTOSO, version=2)))[1]


def test_the_user_stays_and_the_middle_tier_is_the_client(world: World) -> None:
    """The same oid; appid names who asks, having proved itself by a secret."""
    _, claims = _exchange(world)
    assert (claims["oid"], claims["appid"], claims["appidacr"]) == (ADMIN, TASKS, "1")


def test_named_scopes_are_what_one_gets(world: World) -> None:
    """Not more, although more was consented to: Entra adds the rest, and code must not rely on that."""
    body, claims = _exchange(world)
    assert claims["scp"] == "Notify.Send"
    assert body["scope"] == "api://notifications/Notify.Send"


@pytest.mark.parametrize(
    ("user", "scopes"),
    [("admin@contoso.com", "Notify.Send Notify.Broadcast"), ("reader@contoso.com", "Notify.Send")],
)
def test_default_is_everything_consented(world: World, user: str, scopes: str) -> None:
    """Consent for all users, and that of this user."""
    assert _exchange(world, user, scope="api://notifications/.default")[1]["scp"] == scopes


def test_roles_of_the_middle_tier_never_enter(world: World) -> None:
    """The tasks application holds AuditLog.Write; acting for a user it does not bring it along."""
    _, claims = _exchange(world, scope="api://audit/Audit.Read")
    assert claims["roles"] == ["AuditLog.Read"]


def test_the_new_token_has_its_own_lifetime(world: World) -> None:
    """As at Entra: an hour and more from now, however old the assertion is."""
    assertion = world.user_token()
    world.clock.advance(3_000)
    body = content(world.post(form=on_behalf_of(assertion)))
    claims = decoded(body["access_token"], content(world.service.tenant_keys(CONTOSO, version=2)))[1]
    assert claims["iat"] == int(world.clock.now())
    assert 3_600 <= claims["exp"] - claims["iat"] == body["expires_in"] <= 5_400


def test_openid_and_client_info_give_the_client_an_account(world: World) -> None:
    """What msal builds its cache entry from. No refresh token: there is none in this version."""
    body, _ = _exchange(world, scope="api://notifications/.default openid profile offline_access", client_info="1")
    identity = json.loads(base64.urlsafe_b64decode(body["client_info"] + "=="))
    assert identity == {"uid": ADMIN, "utid": CONTOSO}
    _, claims = decoded(body["id_token"], content(world.service.tenant_keys(CONTOSO, version=2)))
    assert (claims["aud"], claims["oid"], claims["exp"] - claims["iat"]) == (TASKS, ADMIN, 3_600)
    assert "refresh_token" not in body


def test_without_openid_there_is_no_id_token(world: World) -> None:
    """And without client_info=1 no client_info."""
    body, _ = _exchange(world)
    assert set(body) == {"token_type", "scope", "expires_in", "ext_expires_in", "access_token"}


def test_an_exchanged_token_can_be_exchanged_by_its_audience(world: World) -> None:
    """A chain of APIs: the second acts for the same user, if somebody consented; nobody has."""
    body, _ = _exchange(world)
    form = on_behalf_of(
        body["access_token"], client_id=NOTIFICATIONS, client_secret=OTHER_SECRET, scope="api://tasks/.default"
    )
    assert content(world.post(form=form))["error_codes"] == [65001]
