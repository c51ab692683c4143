"""The directory, ready for questions: every look-up that a grant makes is one dictionary access."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from tidegate.model import Application, Directory, ServicePrincipal, Tenant, User

USER: Final = "User"
APPLICATION: Final = "Application"
"""allowedMemberTypes of an app role."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An application as it stands in one tenant: as client or as resource."""

    tenant: Tenant
    application: Application
    principal: ServicePrincipal

    @property
    def app_id(self) -> str:
        return self.application.app_id


class DirectoryIndex:
    """An immutable directory with its indexes. Building one is linear; a reload builds another and swaps."""

    def __init__(self, directory: Directory, *, digest: str) -> None:
        self.directory: Final = directory
        self.digest: Final = digest
        self.workload_audiences: Final = frozenset(directory.workload_audiences)
        self._tenants: dict[str, Tenant] = {}
        self._by_app_id: dict[tuple[str, str], Enrolled] = {}
        self._by_name: dict[tuple[str, str], Enrolled] = {}
        self._by_display_name: dict[tuple[str, str], list[Enrolled]] = defaultdict(list)
        self._users: dict[tuple[str, str], User] = {}
        self._roles: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._consents: dict[tuple[str, str], list[tuple[str | None, tuple[str, ...]]]] = defaultdict(list)
        self._index_names(directory)
        for assignment in directory.role_assignments:
            self._roles[assignment.principal_id, assignment.resource_id].append(assignment.app_role_id)
        for grant in directory.permission_grants:
            self._consents[grant.client_id, grant.resource_id].append((grant.principal_id, grant.scopes))

    def _index_names(self, directory: Directory) -> None:
        for tenant in directory.tenants:
            for name in (tenant.id, *tenant.domains):
                self._tenants[name.lower()] = tenant
        applications = {application.app_id.lower(): application for application in directory.applications}
        for principal in directory.service_principals:
            application = applications.get(principal.app_id.lower())
            in_tenant = self._tenants.get(principal.tenant_id.lower())
            if application is None or in_tenant is None:
                continue  # control has told the author; without its other half it can neither ask nor be asked
            enrolled = Enrolled(in_tenant, application, principal)
            self._by_app_id[in_tenant.id, application.app_id.lower()] = enrolled
            self._by_display_name[in_tenant.id, application.display_name].append(enrolled)
            for uri in application.identifier_uris:
                self._by_name[in_tenant.id, uri] = enrolled
        for user in directory.users:
            for name in (user.object_id, user.user_principal_name):
                self._users[user.tenant_id.lower(), name.lower()] = user

    @property
    def tenants(self) -> tuple[Tenant, ...]:
        return self.directory.tenants

    def tenant(self, name: str) -> Tenant | None:
        """By id or verified domain; neither minds case."""
        return self._tenants.get(name.lower())

    def client(self, tenant: Tenant, app_id: str) -> Enrolled | None:
        return self._by_app_id.get((tenant.id, app_id.lower()))

    def resource(self, tenant: Tenant, name: str) -> Enrolled | None:
        """By application id or by an identifier URI, exactly: a trailing slash makes another name."""
        return self._by_name.get((tenant.id, name)) or self.client(tenant, name)

    def application(self, tenant: Tenant, name: str) -> Enrolled | None:
        """As people name it: like a resource, or by a display name that only one application has."""
        named = self._by_display_name.get((tenant.id, name), [])
        return self.resource(tenant, name) or (named[0] if len(named) == 1 else None)

    def user(self, tenant: Tenant, name: str) -> User | None:
        """By object id or user principal name; neither minds case."""
        return self._users.get((tenant.id.lower(), name.lower()))

    def is_assigned(self, principal_id: str, resource: Enrolled) -> bool:
        """Whether any assignment stands, also one without a role (the default access)."""
        return (principal_id, resource.principal.object_id) in self._roles

    def role_values(self, principal_id: str, resource: Enrolled, *, member_type: str) -> tuple[str, ...]:
        """The enabled app roles of `resource` that the principal holds, in the application's order."""
        held = self._roles.get((principal_id, resource.principal.object_id), ())
        return tuple(
            role.value
            for role in resource.application.app_roles
            if role.id in held and role.is_enabled and member_type in role.allowed_member_types
        )

    def consented_scopes(self, client: Enrolled, resource: Enrolled, user: User) -> tuple[str, ...]:
        """The delegated permissions that the client may use for this user, by consent for all or for this one."""
        granted = {
            scope
            for principal_id, scopes in self._consents.get(
                (client.principal.object_id, resource.principal.object_id), ()
            )
            if principal_id is None or principal_id == user.object_id
            for scope in scopes
        }
        return tuple(scope for scope in enabled_scopes(resource) if scope in granted)


def enabled_scopes(resource: Enrolled) -> tuple[str, ...]:
    """The delegated permissions that the resource offers, in its order."""
    return tuple(scope.value for scope in resource.application.scopes if scope.is_enabled)
