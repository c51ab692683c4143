"""grant_type=client_credentials: an application acts for itself (RFC 6749 section 4.4)."""

from __future__ import annotations

from tidegate.identity.errors import APP_NOT_ASSIGNED, SCOPE_NOT_DEFAULT, OAuthError
from tidegate.identity.indexes import APPLICATION, Enrolled
from tidegate.identity.protocol.access import SECRET, AccessGrant, Caller
from tidegate.identity.protocol.clients import authenticate
from tidegate.identity.protocol.context import GrantContext
from tidegate.identity.protocol.messages import TokenRequest
from tidegate.identity.protocol.scopes import DEFAULT, WantedAccess, find_resource, wanted_access


def client_credentials(request: TokenRequest, context: GrantContext) -> AccessGrant:
    """Decide. The token carries the app roles that were assigned; there may be none."""
    client = authenticate(request, context.index, context.tenant, now=context.now)
    _check_default_only(request)
    return as_application(client, wanted_access(request), context, grant="client_credentials", authentication=SECRET)


def as_application(
    client: Enrolled, wanted: WantedAccess, context: GrantContext, *, grant: str, authentication: str
) -> AccessGrant:
    """What `client`, already known to be itself, gets of the resource."""
    index = context.index
    resource = find_resource(index, context.tenant, wanted.resource)
    principal_id = client.principal.object_id
    if resource.principal.app_role_assignment_required and not index.is_assigned(principal_id, resource):
        raise OAuthError(APP_NOT_ASSIGNED, client=client.app_id, resource=wanted.resource)
    return AccessGrant(
        grant=grant,
        tenant=context.tenant,
        client=Caller(client.app_id, authentication, client.principal),
        resource=resource,
        audience=wanted.resource,
        user=None,
        scopes=(),
        roles=index.role_values(principal_id, resource, member_type=APPLICATION),
        capabilities=context.capabilities,
    )


def _check_default_only(request: TokenRequest) -> None:
    if request.version == 1:
        return
    scope = request.required("scope")
    # Roles are assigned beforehand: there is nothing to choose from, so nothing but /.default is meaningful.
    if any(word.rpartition("/")[2] != DEFAULT for word in scope.split()):
        raise OAuthError(SCOPE_NOT_DEFAULT, scope=scope)
