"""App roles and delegated permissions that somebody was given."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import identity as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.directory.principals import Applications, Principals
from tidegate.manifests.directory.tenants import Tenants
from tidegate.manifests.objects import AnyObject, Manifests, Object
from tidegate.manifests.schema.graph import AppRoleAssignment as AssignmentManifest
from tidegate.manifests.schema.graph import OAuth2PermissionGrant as GrantManifest
from tidegate.manifests.schema.graph import PrincipalRef, ServicePrincipalRef
from tidegate.model import Application, AppRole, AppRoleAssignment, OAuth2PermissionGrant

_DEFAULT_ROLE = "00000000-0000-0000-0000-000000000000"
"""Graph: assigned to the application without any of its roles."""


@dataclass(frozen=True)
class Resolver:
    """Identifiers and names to objects of one directory."""

    manifests: Manifests
    tenants: Tenants
    applications: Applications
    principals: Principals
    found: Found

    def assignments(self) -> tuple[AppRoleAssignment, ...]:
        """AppRoleAssignments that resolve, sorted."""
        read = [self._assignment(each) for each in self.manifests.of(AssignmentManifest)]
        kept = {each for each in read if each is not None}
        return tuple(sorted(kept, key=lambda a: (a.tenant_id, a.resource_id, a.principal_id, a.app_role_id)))

    def grants(self) -> tuple[OAuth2PermissionGrant, ...]:
        """OAuth2PermissionGrants that resolve, sorted."""
        read = [self._grant(each) for each in self.manifests.of(GrantManifest)]
        kept = {each for each in read if each is not None}
        return tuple(
            sorted(kept, key=lambda g: (g.tenant_id, g.client_id, g.resource_id, g.principal_id or "", g.scopes))
        )

    def _assignment(self, each: Object[AssignmentManifest]) -> AppRoleAssignment | None:
        tenant = self.tenants.tenant_of(each, self.found)
        if tenant is None:
            return None
        spec = each.body.spec
        principal = self._id(each, tenant, "principal", spec.principal_id, spec.principal_ref)
        resource = self._id(each, tenant, "resource", spec.resource_id, spec.resource_ref)
        if principal is None or resource is None:
            return None
        application = self._application(tenant, resource)
        if application is None:
            self._unresolved(each, "resourceId", f"service principal `{resource}`")
            return None
        if spec.app_role_id == _DEFAULT_ROLE:
            return AppRoleAssignment(tenant, principal, resource, _DEFAULT_ROLE)
        role = next(
            (r for r in application.app_roles if spec.app_role_id == r.id or spec.app_role_value == r.value), None
        )
        if role is None:
            self._role_unknown(each, application)
            return None
        member = "User" if (tenant, principal) in self.principals.users else "Application"
        if member not in role.allowed_member_types:
            self._role_not_for(each, role, member)
            return None
        return AppRoleAssignment(tenant, principal, resource, role.id)

    def _grant(self, each: Object[GrantManifest]) -> OAuth2PermissionGrant | None:
        tenant = self.tenants.tenant_of(each, self.found)
        if tenant is None:
            return None
        spec = each.body.spec
        client = self._id(each, tenant, "client", spec.client_id, spec.client_ref)
        resource = self._id(each, tenant, "resource", spec.resource_id, spec.resource_ref)
        principal: str | None = None
        if spec.consent_type == "Principal":
            principal = self._id(each, tenant, "principal", spec.principal_id, spec.principal_ref)
            if principal is None:
                return None
        if client is None or resource is None:
            return None
        application = self._application(tenant, resource)
        if application is None or self._application(tenant, client) is None:
            field, missing = ("resourceId", resource) if application is None else ("clientId", client)
            self._unresolved(each, field, f"service principal `{missing}`")
            return None
        scopes = tuple(dict.fromkeys(spec.scope.split()))
        known = [scope.value for scope in application.scopes]
        unknown = [scope for scope in scopes if scope not in known]
        for scope in unknown:
            self.found.add(
                codes.SCOPE_UNKNOWN,
                at=each.at("spec", "scope"),
                object=each.key,
                resource=application.display_name,
                scope=scope,
                help=did_you_mean(scope, known),
            )
        return None if unknown else OAuth2PermissionGrant(tenant, client, resource, scopes, principal)

    def _id(
        self,
        each: AnyObject,
        tenant: str,
        field: str,
        given: str | None,
        reference: PrincipalRef | ServicePrincipalRef | None,
    ) -> str | None:
        if reference is None:
            known = {(tenant, given)} & {*self.principals.users, *self.principals.service_principals}
            if not known:
                self._unresolved(each, f"{field}Id", f"`{given}`")
                return None
            return given
        found = self.principals.by_reference(tenant=tenant, kind=reference.kind, name=reference.name)
        if found is None:
            names = [name for (t, kind, name) in self.principals.named if (t, kind) == (tenant, reference.kind)]
            hint = did_you_mean(reference.name, names)
            self._unresolved(each, f"{field}Ref", f"{reference.kind} `{reference.name}`", hint=hint)
        return found

    def _unresolved(self, each: AnyObject, field: str, target: str, *, hint: str = "") -> None:
        self.found.add(codes.GRAPH_REFERENCE, at=each.at("spec", field), object=each.key, target=target, help=hint)

    def _application(self, tenant: str, service_principal: str) -> Application | None:
        principal = self.principals.service_principals.get((tenant, service_principal))
        return self.applications[principal.app_id][1] if principal else None

    def _role_unknown(self, each: Object[AssignmentManifest], application: Application) -> None:
        spec = each.body.spec
        role = spec.app_role_value or spec.app_role_id or ""
        self.found.add(
            codes.APP_ROLE_UNKNOWN,
            at=each.at("spec", "appRoleValue" if spec.app_role_value else "appRoleId"),
            object=each.key,
            resource=application.display_name,
            role=role,
            help=did_you_mean(role, [r.value for r in application.app_roles]),
        )

    def _role_not_for(self, each: Object[AssignmentManifest], role: AppRole, member: str) -> None:
        self.found.add(
            codes.APP_ROLE_MEMBER,
            at=each.at("spec", "appRoleValue" if each.body.spec.app_role_value else "appRoleId"),
            object=each.key,
            role=role.value,
            member="user" if member == "User" else "service principal",
            help=f"add {member} to the role's `allowedMemberTypes`",
        )
