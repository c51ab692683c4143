"""Tokens for the operator, over the private socket: as a user or as an application, without their credentials.

Whoever reaches the socket owns the state directory, so no credential and no consent is asked for. What the directory
says about people and applications still holds: disabled accounts, required assignments, roles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tidegate.identity.errors import (
    CLIENT_DISABLED,
    CLIENT_NOT_IN_TENANT,
    CONSENT_MISSING,
    PARAMETER_MISSING,
    REQUEST_MALFORMED,
    TENANT_MISSING,
    TENANT_UNKNOWN,
    USER_UNKNOWN,
    OAuthError,
)
from tidegate.identity.indexes import DirectoryIndex, Enrolled
from tidegate.identity.protocol.access import PUBLIC, SECRET, AccessGrant, Caller
from tidegate.identity.protocol.client_credentials import as_application
from tidegate.identity.protocol.context import GrantContext
from tidegate.identity.protocol.on_behalf_of import active_user, as_user, known_scopes
from tidegate.identity.protocol.scopes import find_resource, parse_scope
from tidegate.model import Tenant

TIDEGATE_CLI: Final = "7d0f5c1e-3a5b-4c55-9d0e-71de9a7ec110"
"""The client of tokens that `tidegate token` gets, unless another is named. Fixed: policies may tell it apart."""


@dataclass(frozen=True, slots=True)
class OperatorRequest:
    """Exactly one of `user` and `app`."""

    scope: str
    tenant: str = ""
    """Id or domain; empty: the only one, or the one that has the user."""
    user: str = ""
    """User principal name or object id."""
    app: str = ""
    """Application id, identifier URI or display name."""
    client: str = ""
    """The client of a user's token, named like `app`; empty: TIDEGATE_CLI."""


def operator_tenant(request: OperatorRequest, index: DirectoryIndex) -> Tenant:
    """Which tenant is meant. OAuthError: none of that name, or it must be named."""
    if request.tenant:
        tenant = index.tenant(request.tenant)
        if tenant is None:
            raise OAuthError(TENANT_UNKNOWN, _known(index), tenant=request.tenant)
        return tenant
    if len(index.tenants) == 1:
        return index.tenants[0]
    holding = [tenant for tenant in index.tenants if _has_subject(request, index, tenant)]
    if len(holding) == 1:
        return holding[0]
    if holding or not index.tenants or not (request.user or request.app):
        raise OAuthError(TENANT_MISSING, _known(index))
    if request.user:
        raise OAuthError(USER_UNKNOWN, _known(index), tenant="(any)")
    raise OAuthError(CLIENT_NOT_IN_TENANT, _known(index), client=request.app, tenant="(any)")


def operator_token(request: OperatorRequest, context: GrantContext) -> AccessGrant:
    """Decide."""
    if bool(request.user) == bool(request.app):
        raise OAuthError(REQUEST_MALFORMED, "Name either 'user' or 'app'.")
    if not request.scope:
        raise OAuthError(PARAMETER_MISSING, name="scope")
    if request.app:
        if request.client:
            raise OAuthError(REQUEST_MALFORMED, "'client' goes with 'user'; with 'app' the application is the client.")
        return _as_app(request, context)
    return _as_user(request, context)


def _as_app(request: OperatorRequest, context: GrantContext) -> AccessGrant:
    wanted = parse_scope(request.scope)
    if wanted.names:
        raise OAuthError(REQUEST_MALFORMED, f"As an application, ask for '{wanted.resource}/.default'.")
    client = _enrolled(request.app, context)
    return as_application(client, wanted, context, grant="operator", authentication=SECRET)


def _as_user(request: OperatorRequest, context: GrantContext) -> AccessGrant:
    wanted = parse_scope(request.scope)
    user = active_user(context.index, context.tenant, request.user)
    client = Caller(TIDEGATE_CLI, PUBLIC, None)
    if request.client:
        enrolled = _enrolled(request.client, context)
        client = Caller(enrolled.app_id, PUBLIC, enrolled.principal)
    resource = find_resource(context.index, context.tenant, wanted.resource)
    scopes = known_scopes(resource, wanted)
    if not scopes:
        # A user's token without a scope would be no user's token: every API tells the two kinds apart by `scp`.
        detail = "It offers no delegated permission (oauth2PermissionScopes)."
        raise OAuthError(CONSENT_MISSING, detail, resource=wanted.resource, client=client.app_id)
    return as_user(user, wanted, context, resource=resource, client=client, scopes=scopes, grant="operator")


def _enrolled(name: str, context: GrantContext) -> Enrolled:
    client = context.index.application(context.tenant, name)
    if client is None:
        raise OAuthError(CLIENT_NOT_IN_TENANT, client=name, tenant=context.tenant.id)
    if not client.principal.account_enabled:
        raise OAuthError(CLIENT_DISABLED, client=client.app_id)
    return client


def _has_subject(request: OperatorRequest, index: DirectoryIndex, tenant: Tenant) -> bool:
    if request.user:
        return index.user(tenant, request.user) is not None
    return index.application(tenant, request.app) is not None


def _known(index: DirectoryIndex) -> str:
    names = [tenant.domains[0] if tenant.domains else tenant.id for tenant in index.tenants]
    return f"Known tenants: {', '.join(names[:10])}." if names else "No tenant is known."
