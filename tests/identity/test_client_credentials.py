"""Client credentials: who gets which roles, and when assignment is required."""

from __future__ import annotations

from typing import Any

import pytest

from identity.contoso import (
    AUDIT,
    CONTOSO,
    NOTIFICATIONS,
    OTHER_SECRET,
    STRANGER,
    TASKS,
    World,
    client_credentials,
    content,
    decoded,
    principal_of,
)


def _claims(world: World, **changes: str) -> dict[str, Any]:
    reply = world.post(form=client_credentials(**changes))
    assert reply.status == 200, reply.body
    return decoded(content(reply)["access_token"], content(world.service.tenant_keys(CONTOSO, version=2)))[1]


def test_only_roles_for_applications_are_carried(world: World) -> None:
    """The role that was assigned and is for applications; user roles never."""
    assert _claims(world)["roles"] == ["AuditLog.Write"]


def test_without_an_assignment_there_is_a_token_without_roles(world: World) -> None:
    """As at Entra; the API has to look at roles."""
    assert "roles" not in _claims(world, scope="api://notifications/.default")


def test_required_assignment_is_enforced(world: World) -> None:
    """Where the resource's service principal says so: no role, no token."""
    form = client_credentials(client_id=STRANGER, client_secret=OTHER_SECRET)
    assert content(world.post(form=form))["error_codes"] == [501051]


def test_an_application_stands_for_itself(world: World) -> None:
    """oid and sub are the service principal, not the client id; no user's claim appears."""
    claims = _claims(world)
    assert claims["oid"] == claims["sub"] == principal_of(TASKS)
    assert not {"scp", "name", "preferred_username", "upn"} & set(claims)


@pytest.mark.parametrize("resource", ["api://audit", AUDIT, AUDIT.upper()])
def test_a_resource_is_named_by_uri_or_client_id(world: World, resource: str) -> None:
    """Either gives a v2 token with the client id as audience."""
    assert _claims(world, scope=f"{resource}/.default")["aud"] == AUDIT


@pytest.mark.parametrize("audience", ["https://notify.contoso.com/", "api://notifications", NOTIFICATIONS])
def test_a_v1_audience_is_what_was_asked_for(world: World, audience: str) -> None:
    """Byte for byte, with its slash."""
    assert _claims(world, scope=f"{audience}/.default")["aud"] == audience


@pytest.mark.parametrize("tenant", [CONTOSO, CONTOSO.upper(), "contoso.com", "Contoso.OnMicrosoft.com"])
def test_a_tenant_is_named_by_id_or_domain(world: World, tenant: str) -> None:
    """Names do not mind case; the issuer is always by id."""
    reply = world.post(tenant=tenant, form=client_credentials())
    claims = decoded(content(reply)["access_token"], content(world.service.tenant_keys(CONTOSO, version=2)))[1]
    assert claims["iss"] == f"https://login.microsoftonline.com/{CONTOSO}/v2.0"


def test_unknown_parameters_are_ignored(world: World) -> None:
    """RFC 6749 section 3.2; clients send their telemetry."""
    form = client_credentials() | {"client_info": "1", "x-client-SKU": "MSAL.Python"}
    assert world.post(form=form).status == 200
