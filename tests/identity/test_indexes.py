"""Look-ups: exact where exactness is security, lenient where people type."""

from __future__ import annotations

from dataclasses import replace

import pytest

from identity.contoso import (
    ADMIN,
    AUDIT,
    CLOSED,
    CONTOSO,
    DIRECTORY,
    FABRIKAM,
    FABRIKAM_APP,
    NOTIFICATIONS,
    READER,
    TASKS,
    principal_of,
)
from tidegate.identity.indexes import APPLICATION, USER, DirectoryIndex, Enrolled, enabled_scopes
from tidegate.model import AppRoleAssignment, ServicePrincipal, Tenant, User

INDEX = DirectoryIndex(DIRECTORY, digest="1")


def _tenant(name: str = CONTOSO, index: DirectoryIndex = INDEX) -> Tenant:
    tenant = index.tenant(name)
    assert tenant is not None
    return tenant


def _enrolled(app_id: str, index: DirectoryIndex = INDEX) -> Enrolled:
    enrolled = index.client(_tenant(index=index), app_id)
    assert enrolled is not None
    return enrolled


def _user(object_id: str) -> User:
    user = INDEX.user(_tenant(), object_id)
    assert user is not None
    return user


@pytest.mark.parametrize("name", [CONTOSO, CONTOSO.upper(), "contoso.com", "CONTOSO.com", "contoso.onmicrosoft.com"])
def test_tenants_by_id_or_domain(name: str) -> None:
    """Any verified domain."""
    assert _tenant(name).id == CONTOSO


@pytest.mark.parametrize("name", ["", "contoso", "Contoso", "contoso.com.", "common"])
def test_nothing_else_names_a_tenant(name: str) -> None:
    """Not the display name, not a prefix."""
    assert INDEX.tenant(name) is None


@pytest.mark.parametrize(
    ("name", "app_id"),
    [
        ("api://tasks", TASKS),
        (TASKS.upper(), TASKS),
        ("https://notify.contoso.com/", NOTIFICATIONS),
        ("https://notify.contoso.com", None),
        ("API://tasks", None),
        ("Tasks", None),
        (FABRIKAM_APP, None),
    ],
)
def test_resources_by_exact_uri_or_client_id(name: str, app_id: str | None) -> None:
    """Within the tenant; URIs are compared exactly."""
    found = INDEX.resource(_tenant(), name)
    assert (found.app_id if found else None) == app_id


def test_the_same_uri_in_two_tenants_is_two_resources() -> None:
    """Each tenant has its own."""
    found = INDEX.resource(_tenant(FABRIKAM), "api://tasks")
    assert found is not None
    assert found.app_id == FABRIKAM_APP


def test_an_application_of_another_tenant_enters_by_its_service_principal() -> None:
    """That is what makes an application multi-tenant."""
    guest = ServicePrincipal(FABRIKAM, "0000000b-0000-4000-8000-0000000000ff", TASKS)
    index = DirectoryIndex(replace(DIRECTORY, service_principals=(*DIRECTORY.service_principals, guest)), digest="2")
    found = index.client(_tenant(FABRIKAM), TASKS)
    assert found is not None
    assert (found.principal, found.application.tenant_id) == (guest, CONTOSO)


def test_an_application_without_service_principal_is_not_in_the_tenant() -> None:
    """Nor is a service principal without application or tenant."""
    orphan = ServicePrincipal(CONTOSO, "o", "0000000a-0000-4000-8000-0000000000ff")
    lost = ServicePrincipal("no-tenant", "l", TASKS)
    index = DirectoryIndex(replace(DIRECTORY, service_principals=(orphan, lost)), digest="2")
    assert index.client(_tenant(), TASKS) is None
    assert index.client(_tenant(), orphan.app_id) is None


def test_people_may_use_display_names_that_are_unambiguous() -> None:
    """Two of one name are none."""
    twin = replace(DIRECTORY.applications[4], display_name="Tasks")
    applications = (*DIRECTORY.applications[:4], twin, DIRECTORY.applications[5])
    index = DirectoryIndex(replace(DIRECTORY, applications=applications), digest="2")
    found = INDEX.application(_tenant(), "Tasks")
    assert found is not None
    assert found.app_id == TASKS
    assert index.application(_tenant(), "Tasks") is None
    assert index.client(_tenant(), CLOSED) is not None


def test_role_values_are_enabled_and_for_the_kind_of_principal() -> None:
    """Disabled roles and those of the other kind stay out; order is the application's."""
    assert INDEX.role_values(ADMIN, _enrolled(TASKS), member_type=USER) == ("Admin",)
    assert INDEX.role_values(ADMIN, _enrolled(AUDIT), member_type=USER) == ("AuditLog.Read",)
    assert INDEX.role_values(principal_of(TASKS), _enrolled(AUDIT), member_type=APPLICATION) == ("AuditLog.Write",)
    assert INDEX.role_values(principal_of(TASKS), _enrolled(AUDIT), member_type=USER) == ()
    assert INDEX.role_values("nobody", _enrolled(AUDIT), member_type=USER) == ()


def test_an_assignment_without_role_is_an_assignment() -> None:
    """The default access of Entra: a role id of zeros."""
    default = AppRoleAssignment(CONTOSO, READER, principal_of(AUDIT), "00000000-0000-0000-0000-000000000000")
    index = DirectoryIndex(replace(DIRECTORY, role_assignments=(*DIRECTORY.role_assignments, default)), digest="2")
    assert index.is_assigned(READER, _enrolled(AUDIT, index))
    assert not INDEX.is_assigned(READER, _enrolled(AUDIT))


def test_consent_is_for_all_or_for_one() -> None:
    """Both count, in the resource's order, and only scopes that it still offers."""
    client, resource = _enrolled(TASKS), _enrolled(NOTIFICATIONS)
    assert INDEX.consented_scopes(client, resource, _user(ADMIN)) == ("Notify.Send", "Notify.Broadcast")
    assert INDEX.consented_scopes(client, resource, _user(READER)) == ("Notify.Send",)
    assert INDEX.consented_scopes(resource, client, _user(ADMIN)) == ()


def test_a_disabled_scope_is_not_offered() -> None:
    """Even where somebody once consented to it."""
    assert enabled_scopes(_enrolled(TASKS)) == ("Tasks.Read", "Tasks.Write")


def test_users_of_one_tenant_are_not_in_the_other() -> None:
    """By either name."""
    assert INDEX.user(_tenant(FABRIKAM), ADMIN) is None
    assert INDEX.user(_tenant(FABRIKAM), "admin@contoso.com") is None
