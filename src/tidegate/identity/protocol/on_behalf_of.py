"""On behalf of: an API exchanges a user's token for one of an API behind it (RFC 7523 in Entra's profile).

Roles of the API in the middle never enter: the new token carries what the user has consented to and holds.
"""

from __future__ import annotations

from tidegate.identity.errors import (
    CONSENT_MISSING,
    GRANT_UNSUPPORTED,
    SCOPE_INVALID,
    USER_DISABLED,
    USER_NOT_ASSIGNED,
    USER_UNKNOWN,
    OAuthError,
    shown,
)
from tidegate.identity.indexes import USER, DirectoryIndex, Enrolled, enabled_scopes
from tidegate.identity.protocol.access import SECRET, AccessGrant, Caller
from tidegate.identity.protocol.assertions import read_user_assertion
from tidegate.identity.protocol.clients import authenticate
from tidegate.identity.protocol.context import GrantContext
from tidegate.identity.protocol.messages import TokenRequest
from tidegate.identity.protocol.scopes import WantedAccess, find_resource, wanted_access
from tidegate.model import Tenant, User


def on_behalf_of(request: TokenRequest, context: GrantContext) -> AccessGrant:
    """Decide. The token has a lifetime of its own, as Entra's has."""
    client = authenticate(request, context.index, context.tenant, now=context.now)
    use = request.required("requested_token_use")
    if use != "on_behalf_of":
        detail = f"With this grant type, requested_token_use must be 'on_behalf_of', not '{shown(use)}'."
        raise OAuthError(GRANT_UNSUPPORTED, detail, grant=request.required("grant_type"))
    wanted = wanted_access(request)
    assertion = read_user_assertion(
        request.required("assertion"),
        verifier=context.verifier,
        tenant=context.tenant,
        presenter=client,
        now=context.now,
    )
    user = active_user(context.index, context.tenant, assertion.object_id)
    resource = find_resource(context.index, context.tenant, wanted.resource)
    scopes = _consented(context.index, client, resource, user, wanted)
    return as_user(
        user,
        wanted,
        context,
        resource=resource,
        client=Caller(client.app_id, SECRET, client.principal),
        scopes=scopes,
        grant="on_behalf_of",
        wants_client_info=request.optional("client_info") == "1",
    )


def as_user(
    user: User,
    wanted: WantedAccess,
    context: GrantContext,
    *,
    resource: Enrolled,
    client: Caller,
    scopes: tuple[str, ...],
    grant: str,
    wants_client_info: bool = False,
) -> AccessGrant:
    """What `user`, already known, gets of the resource through `client`."""
    index = context.index
    if resource.principal.app_role_assignment_required and not index.is_assigned(user.object_id, resource):
        raise OAuthError(USER_NOT_ASSIGNED, resource=wanted.resource)
    return AccessGrant(
        grant=grant,
        tenant=context.tenant,
        client=client,
        resource=resource,
        audience=wanted.resource,
        user=user,
        scopes=scopes,
        roles=index.role_values(user.object_id, resource, member_type=USER),
        capabilities=context.capabilities,
        wants_id_token="openid" in wanted.openid,
        wants_client_info=wants_client_info,
    )


def active_user(index: DirectoryIndex, tenant: Tenant, name: str) -> User:
    """The user of that object id or principal name. OAuthError: none, or the account is disabled."""
    user = index.user(tenant, name)
    if user is None:
        raise OAuthError(USER_UNKNOWN, tenant=tenant.id)
    if not user.account_enabled:
        raise OAuthError(USER_DISABLED, reason=f"user {user.object_id}")
    return user


def known_scopes(resource: Enrolled, wanted: WantedAccess) -> tuple[str, ...]:
    """The scopes asked for, all of them for `.default`. OAuthError 70011: the resource has no such scope."""
    offered = enabled_scopes(resource)
    unknown = [name for name in wanted.names if name not in offered]
    if unknown:
        detail = f"The resource offers {', '.join(offered) or 'no delegated permission'}."
        raise OAuthError(SCOPE_INVALID, detail, scope=f"{wanted.resource}/{unknown[0]}")
    return wanted.names or offered


def _consented(
    index: DirectoryIndex, client: Enrolled, resource: Enrolled, user: User, wanted: WantedAccess
) -> tuple[str, ...]:
    asked = known_scopes(resource, wanted)
    consented = index.consented_scopes(client, resource, user)
    # `.default` is satisfied by any consent; named scopes need all of theirs.
    lacking = [scope for scope in asked if scope not in consented] if wanted.names else []
    if lacking or not consented:
        detail = f"Not consented: {', '.join(lacking or asked) or 'any permission'}."
        raise OAuthError(CONSENT_MISSING, detail, resource=wanted.resource, client=client.app_id)
    return tuple(scope for scope in asked if scope in consented)
