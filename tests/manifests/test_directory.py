"""The directory: rules that the golden cases do not show."""

from __future__ import annotations

import pytest

from compiling import TESTDATA_BASE, codes, compiled, sources_of
from tidegate.diagnostics import Found
from tidegate.manifests.directory.applications import read_applications, stable_id
from tidegate.manifests.directory.grants import Resolver
from tidegate.manifests.directory.principals import Principals
from tidegate.manifests.directory.resolve import resolve_directory
from tidegate.manifests.directory.tenants import Tenants
from tidegate.manifests.directory.times import epoch
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.schema.graph import Organization

CONTOSO = (TESTDATA_BASE / "contoso.yaml").read_text("utf-8")


def graph(kind: str, name: str, spec: str) -> str:
    head = f"---\napiVersion: graph.microsoft.com/v1.0\nkind: {kind}\n"
    return f"{head}metadata: {{name: {name}, namespace: contoso}}\nspec: {spec}\n"


def test_implied_service_principal_has_a_stable_id() -> None:
    """The same app id in the same tenant gives the same one on every machine."""
    text = CONTOSO.replace("kind: ServicePrincipal", "kind: ServicePrincipal #").split("---")
    without = "---".join(part for part in text if "ServicePrincipal" not in part)
    first, second = compiled(without), compiled("# moved\n" + without)
    assert codes(first) == ["TG6002"]
    assert first.world.directory.service_principals == second.world.directory.service_principals
    (principal,) = first.world.directory.service_principals
    assert principal.object_id == stable_id("servicePrincipal", principal.tenant_id, principal.app_id)


def test_user_names_and_ids_are_unique_in_a_tenant() -> None:
    """The first by name counts; case means nothing in a user principal name."""
    text = CONTOSO + graph(
        "User", "zoe", "{id: 40000000-0000-4000-8000-000000000002, userPrincipalName: ADA@contoso.com, displayName: Z}"
    )
    text += graph(
        "User", "zac", "{id: 40000000-0000-4000-8000-000000000001, userPrincipalName: z@contoso.com, displayName: Z}"
    )
    compilation = compiled(text)
    assert codes(compilation) == ["TG6003", "TG6003"]
    assert [user.display_name for user in compilation.world.directory.users] == ["Ada"]


def test_malformed_organization_is_told_once() -> None:
    """Everybody in it waits."""
    compilation = compiled(CONTOSO.replace("displayName: Contoso", "name: Contoso"))
    assert set(codes(compilation)) == {"TG1110", "TG1112"}
    assert compilation.world.directory.users == ()


def test_grant_for_one_user_and_for_all() -> None:
    """consentType says which; the scopes are a set of words."""
    refs = "clientRef: {name: orders}, resourceRef: {name: orders}, consentType: Principal"
    one = f"{{{refs}, %s scope: ' Orders.Read  Orders.Read'}}"
    text = CONTOSO + graph("OAuth2PermissionGrant", "g", one % "principalRef: {kind: User, name: ada},")
    (grant,) = compiled(text).world.directory.permission_grants
    assert grant.scopes == ("Orders.Read",)
    assert grant.principal_id == "40000000-0000-4000-8000-000000000001"
    assert codes(compiled(CONTOSO + graph("OAuth2PermissionGrant", "g", one % ""))) == ["TG1114"]


def test_default_role_is_assigned_without_being_declared() -> None:
    """Graph: thirty-two zeros mean the application as a whole."""
    spec = "{principalRef: {kind: User, name: ada}, resourceRef: {name: orders}, appRoleId: %s}"
    text = CONTOSO + graph("AppRoleAssignment", "a", spec % "00000000-0000-0000-0000-000000000000")
    assert len(compiled(text).world.directory.role_assignments) == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-01T00:00:00Z", 1767225600.0),
        ("2026-01-01T01:00:00+01:00", 1767225600.0),
        ("2026-01-01", 1767225600.0),
        (None, None),
        ("tomorrow", None),
    ],
)
def test_times(text: str | None, seconds: float | None) -> None:
    """RFC 3339; without an offset, UTC; what is no time is told."""
    (organization,) = gather(sources_of({"a.yaml": CONTOSO}), Memory(), Found()).manifests.of(Organization)
    found = Found()
    assert epoch(text, organization, "spec", "endDateTime", found=found) == seconds
    assert bool(found) == (text == "tomorrow")


def test_an_empty_directory() -> None:
    """No identity at all is no mistake."""
    manifests = gather(sources_of({}), Memory(), Found()).manifests
    found = Found()
    directory = resolve_directory(manifests, audiences=["b", "a", "b"], found=found)
    assert directory.workload_audiences == ("a", "b")
    tenants = Tenants.of(manifests, found)
    assert read_applications(manifests, tenants, found) == {}
    assert Resolver(manifests, tenants, {}, Principals(), found).grants() == ()
    assert not found
