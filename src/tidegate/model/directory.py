"""The directory of identities: Microsoft Graph's resources, as far as the token service reads them.

Field names are Graph's, in snake case. Identifiers are lower-case GUIDs.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AppRole:
    id: str
    value: str
    allowed_member_types: tuple[str, ...]
    """"User", "Application" or both."""
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class PermissionScope:
    """A delegated permission (oauth2PermissionScopes)."""

    id: str
    value: str
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class PasswordCredential:
    """A client secret. Only its digest leaves the reader."""

    key_id: str
    secret_sha256: str
    """Hexadecimal SHA-256 of the secret's UTF-8 text."""
    start: float | None = None
    """Epoch seconds; None: always valid from."""
    end: float | None = None
    """Epoch seconds; None: does not expire (a warning says so)."""


@dataclass(frozen=True, slots=True)
class Application:
    """An app registration."""

    tenant_id: str
    object_id: str
    app_id: str
    """The client id."""
    display_name: str
    identifier_uris: tuple[str, ...] = ()
    app_roles: tuple[AppRole, ...] = ()
    scopes: tuple[PermissionScope, ...] = ()
    passwords: tuple[PasswordCredential, ...] = ()
    requested_access_token_version: int = 1
    """1 unless the manifest says 2 (Graph: null means 1)."""


@dataclass(frozen=True, slots=True)
class ServicePrincipal:
    tenant_id: str
    object_id: str
    app_id: str
    app_role_assignment_required: bool = False
    account_enabled: bool = True


@dataclass(frozen=True, slots=True)
class User:
    tenant_id: str
    object_id: str
    user_principal_name: str
    display_name: str
    account_enabled: bool = True


@dataclass(frozen=True, slots=True)
class AppRoleAssignment:
    """`principal_id` (a user or service principal) holds role `app_role_id` of service principal `resource_id`."""

    tenant_id: str
    principal_id: str
    resource_id: str
    app_role_id: str


@dataclass(frozen=True, slots=True)
class OAuth2PermissionGrant:
    """Client service principal `client_id` may use `scopes` of `resource_id` for `principal_id`, or for all (None)."""

    tenant_id: str
    client_id: str
    resource_id: str
    scopes: tuple[str, ...]
    principal_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tenant:
    """An Organization."""

    id: str
    display_name: str
    domains: tuple[str, ...] = ()
    """verifiedDomains, the default one first."""


@dataclass(frozen=True, slots=True)
class Directory:
    tenants: tuple[Tenant, ...] = ()
    applications: tuple[Application, ...] = ()
    service_principals: tuple[ServicePrincipal, ...] = ()
    users: tuple[User, ...] = ()
    role_assignments: tuple[AppRoleAssignment, ...] = ()
    permission_grants: tuple[OAuth2PermissionGrant, ...] = ()
    workload_audiences: tuple[str, ...] = field(default=())
    """Audiences that a gateway may ask a proof for: one per backend."""
