"""Tokens for the operator: without credentials and consent, but not without rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from identity.contoso import (
    ADMIN,
    AUDIT,
    CONTOSO,
    DIRECTORY,
    FABRIKAM,
    FABRIKAM_USER,
    NOTIFICATIONS,
    READER,
    STRANGER,
    TASKS,
    World,
    content,
    decoded,
    principal_of,
)
from tidegate.identity import TIDEGATE_CLI
from tidegate.model import Directory


def _claims(world: World, **fields: str) -> dict[str, Any]:
    body = world.operator(**fields)
    assert "access_token" in body, body
    return decoded(body["access_token"], content(world.service.tenant_keys(CONTOSO, version=2)))[1]


@pytest.mark.parametrize("user", ["admin@contoso.com", "Admin@Contoso.com", ADMIN])
def test_a_user_is_named_by_principal_name_or_object_id(world: World, user: str) -> None:
    """As the user, through the command line's own client."""
    claims = _claims(world, user=user, scope="api://tasks/.default")
    assert (claims["oid"], claims["azp"], claims["azpacr"]) == (ADMIN, TIDEGATE_CLI, "0")
    assert (claims["scp"], claims["roles"]) == ("Tasks.Read Tasks.Write", ["Admin"])


def test_named_scopes_narrow_the_token(world: World) -> None:
    """A token to try out what a reader may do."""
    assert _claims(world, user=READER, scope="api://tasks/Tasks.Read")["scp"] == "Tasks.Read"


@pytest.mark.parametrize("client", [NOTIFICATIONS, "api://notifications", "Notifications"])
def test_another_client_may_be_named(world: World, client: str) -> None:
    """By id, URI or display name."""
    assert _claims(world, user=READER, scope="api://tasks/.default", client=client)["azp"] == NOTIFICATIONS


@pytest.mark.parametrize("app", [TASKS, "api://tasks", "Tasks"])
def test_an_application_is_named_like_a_client(world: World, app: str) -> None:
    """As itself, with the roles assigned to it."""
    claims = _claims(world, app=app, scope="api://audit/.default", tenant=CONTOSO)
    assert (claims["oid"], claims["roles"], claims["idtyp"]) == (principal_of(TASKS), ["AuditLog.Write"], "app")


def test_the_tenant_follows_from_the_user(world: World) -> None:
    """Where only one tenant has that user."""
    body = world.operator(user="fay@fabrikam.example.com", scope="api://tasks/.default")
    keys = content(world.service.tenant_keys(FABRIKAM, version=2))
    claims = decoded(body["access_token"], keys)[1]
    assert (claims["tid"], claims["oid"]) == (FABRIKAM, FABRIKAM_USER)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"scope": "api://tasks/.default"}, 9002313),
        ({"user": ADMIN, "app": TASKS, "scope": "api://tasks/.default"}, 9002313),
        ({"user": ADMIN}, 900144),
        ({"app": TASKS, "client": TASKS, "scope": "api://audit/.default"}, 9002313),
        ({"app": TASKS, "scope": "api://audit/Audit.Read"}, 9002313),
        ({"user": ADMIN, "scope": "api://tasks/.default", "tenant": "nowhere"}, 90002),
        # The display name Tasks is in both tenants.
        ({"app": "Tasks", "scope": "api://tasks/.default", "tenant": ""}, 50059),
        ({"scope": "api://tasks/.default", "tenant": ""}, 50059),
        ({"user": "nobody@contoso.com", "scope": "api://tasks/.default", "tenant": ""}, 50034),
        ({"app": "Nobody", "scope": "api://tasks/.default", "tenant": ""}, 700016),
        ({"user": "nobody@contoso.com", "scope": "api://tasks/.default"}, 50034),
        ({"user": "leaver@contoso.com", "scope": "api://tasks/.default"}, 50057),
        ({"user": ADMIN, "scope": "api://nothing/.default"}, 500011),
        ({"user": ADMIN, "scope": "api://closed/.default"}, 50001),
        ({"user": ADMIN, "scope": "api://tasks/Nothing"}, 70011),
        ({"user": ADMIN, "scope": "api://tasks/Tasks.Old"}, 70011),
        ({"user": ADMIN, "scope": f"{STRANGER}/.default"}, 65001),
        ({"user": READER, "scope": "api://audit/.default"}, 50105),
        ({"user": ADMIN, "scope": "api://tasks/.default", "client": "Nobody"}, 700016),
        ({"user": ADMIN, "scope": "api://tasks/.default", "client": "Closed"}, 7000112),
        ({"app": "Closed", "scope": "api://tasks/.default"}, 7000112),
        ({"app": STRANGER, "scope": f"{AUDIT}/.default"}, 501051),
    ],
)
def test_the_directorys_rules_hold_for_the_operator_too(world: World, fields: dict[str, str], code: int) -> None:
    """A disabled account stays disabled, a required assignment required."""
    body = world.operator(**({"tenant": CONTOSO, "scope": ""} | fields))
    assert body["error_codes"] == [code], body


def test_a_refusal_names_the_tenants_there_are(world: World) -> None:
    """People at a prompt need the way out."""
    text = world.operator(user="nobody", scope="api://tasks/.default")["error_description"]
    assert f"Known tenants: contoso.com, {FABRIKAM}." in text


def test_an_empty_directory_says_so() -> None:
    """Before the first file was read."""
    body = World(Directory()).operator(user="nobody", scope="api://tasks/.default")
    assert "No tenant is known." in body["error_description"]


def test_the_only_tenant_needs_no_name() -> None:
    """Not even for a user that is not there: the refusal speaks of the user."""
    world = World(replace(DIRECTORY, tenants=DIRECTORY.tenants[:1]))
    assert "access_token" in world.operator(user=ADMIN, scope="api://tasks/.default")
    assert world.operator(user="nobody", scope="api://tasks/.default")["error_codes"] == [50034]
