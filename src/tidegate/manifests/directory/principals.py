"""Service principals and users, and how other objects refer to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import identity as codes
from tidegate.manifests.directory.applications import stable_id
from tidegate.manifests.directory.tenants import Tenants
from tidegate.manifests.objects import AnyObject, Manifests, Object
from tidegate.manifests.schema.graph import Application as ApplicationManifest
from tidegate.manifests.schema.graph import ServicePrincipal as ServicePrincipalManifest
from tidegate.manifests.schema.graph import User as UserManifest
from tidegate.model import Application, ServicePrincipal, User

Applications = Mapping[str, tuple[Object[ApplicationManifest], Application]]


@dataclass
class Principals:
    """Everyone who can hold a permission, by tenant and object id, and by the manifest's kind and name."""

    service_principals: dict[tuple[str, str], ServicePrincipal] = field(default_factory=dict)
    users: dict[tuple[str, str], User] = field(default_factory=dict)
    named: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    """(tenant, kind, metadata.name) -> object ids; several where namespaces repeat a name."""

    def remember(self, each: AnyObject, *, kind: str, tenant: str, object_id: str) -> None:
        self.named.setdefault((tenant, kind, each.key.name), []).append(object_id)

    def by_reference(self, *, tenant: str, kind: str, name: str) -> str | None:
        """The object id of the manifest of that kind and name in the tenant, when there is exactly one."""
        ids = self.named.get((tenant, kind, name), [])
        return ids[0] if len(ids) == 1 else None


def read_principals(manifests: Manifests, tenants: Tenants, applications: Applications, found: Found) -> Principals:
    """Declared service principals, implied ones, and users."""
    principals = Principals()
    taken: dict[tuple[str, str], AnyObject] = {}
    owners: dict[tuple[str, str], AnyObject] = {}
    names: dict[tuple[str, str], AnyObject] = {}
    for each in manifests.of(ServicePrincipalManifest):
        tenant = tenants.tenant_of(each, found)
        if tenant is None:
            continue
        spec = each.body.spec
        if spec.app_id not in applications:
            found.add(
                codes.APPLICATION_MISSING, at=each.at("spec", "appId"), object=each.key, app_id=f"`{spec.app_id}`"
            )
            continue
        object_id = spec.id or stable_id("servicePrincipal", tenant, spec.app_id)
        if _taken(each, tenant, object_id, taken, found) or _second(each, tenant, spec.app_id, owners, found):
            continue
        principals.service_principals[tenant, object_id] = ServicePrincipal(
            tenant, object_id, spec.app_id, spec.app_role_assignment_required, spec.account_enabled
        )
        principals.remember(each, kind="ServicePrincipal", tenant=tenant, object_id=object_id)
    _imply(principals, applications, found)
    for user in manifests.of(UserManifest):
        tenant = tenants.tenant_of(user, found)
        if tenant is None or _taken(user, tenant, user.body.spec.id, taken, found):
            continue
        spec_ = user.body.spec
        upn = spec_.user_principal_name.lower()
        other = names.setdefault((tenant, upn), user)
        if other is not user:
            found.add(
                codes.IDENTIFIER_TAKEN,
                at=user.at("spec", "userPrincipalName"),
                object=user.key,
                field="userPrincipalName",
                other=other.key,
                value=upn,
            )
            continue
        principals.users[tenant, spec_.id] = User(
            tenant, spec_.id, spec_.user_principal_name, spec_.display_name, spec_.account_enabled
        )
        principals.remember(user, kind="User", tenant=tenant, object_id=spec_.id)
    return principals


def _imply(principals: Principals, applications: Applications, found: Found) -> None:
    """Entra makes a service principal in the home tenant when an application is registered in the portal."""
    for app_id, (manifest, application) in sorted(applications.items()):
        tenant = application.tenant_id
        own = [p for p in principals.service_principals.values() if (p.tenant_id, p.app_id) == (tenant, app_id)]
        if not own:
            found.add(codes.PRINCIPAL_IMPLIED, at=manifest.at("metadata", "name"), application=manifest.key)
            own = [ServicePrincipal(tenant, stable_id("servicePrincipal", tenant, app_id), app_id)]
            principals.service_principals[tenant, own[0].object_id] = own[0]
        principals.remember(manifest, kind="Application", tenant=tenant, object_id=own[0].object_id)


def _taken(each: AnyObject, tenant: str, object_id: str, taken: dict[tuple[str, str], AnyObject], found: Found) -> bool:
    other = taken.setdefault((tenant, object_id), each)
    if other is each:
        return False
    found.add(
        codes.IDENTIFIER_TAKEN, at=each.at("spec", "id"), object=each.key, field="id", other=other.key, value=object_id
    )
    return True


def _second(each: AnyObject, tenant: str, app_id: str, owners: dict[tuple[str, str], AnyObject], found: Found) -> bool:
    """A tenant has at most one service principal of an application."""
    other = owners.setdefault((tenant, app_id), each)
    if other is each:
        return False
    found.add(
        codes.IDENTIFIER_TAKEN,
        at=each.at("spec", "appId"),
        object=each.key,
        field="appId",
        other=other.key,
        value=app_id,
    )
    return True
