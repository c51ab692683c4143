"""Scopes: which resource, and what of it.

`RESOURCE/.default` or `RESOURCE/NAME ...`, one resource in a request; the last slash separates, so the resource
`https://management.core.windows.net/` is asked for with a double slash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tidegate.identity.errors import (
    PARAMETER_MISSING,
    RESOURCE_DISABLED,
    RESOURCE_UNKNOWN,
    RESOURCE_UNSUPPORTED,
    SCOPE_INVALID,
    OAuthError,
    shown,
)
from tidegate.identity.indexes import DirectoryIndex, Enrolled
from tidegate.identity.protocol.messages import TokenRequest
from tidegate.model import Tenant

DEFAULT: Final = ".default"
OPENID_SCOPES: Final = frozenset({"openid", "profile", "email", "offline_access"})
"""Of OpenID Connect, not of any resource."""


@dataclass(frozen=True, slots=True)
class WantedAccess:
    """What a request asks for."""

    resource: str
    names: tuple[str, ...]
    """Scopes by name; empty means `.default`: everything that was granted."""
    openid: frozenset[str] = frozenset()


def wanted_access(request: TokenRequest) -> WantedAccess:
    """From `resource` on the v1 endpoint, from `scope` on the v2 endpoint."""
    if request.version == 1:
        return WantedAccess(request.required("resource"), ())
    if request.optional("resource"):
        raise OAuthError(RESOURCE_UNSUPPORTED)
    return parse_scope(request.required("scope"))


def parse_scope(text: str) -> WantedAccess:
    """Read a scope parameter. OAuthError 70011: no resource, several, or `.default` beside named scopes."""
    words = text.split()
    openid = frozenset(words) & OPENID_SCOPES
    pairs = [word.rpartition("/") for word in words if word not in OPENID_SCOPES]
    resources = list(dict.fromkeys(resource for resource, _, _ in pairs))
    names = tuple(dict.fromkeys(name for _, _, name in pairs))
    if not pairs and not openid:
        raise OAuthError(PARAMETER_MISSING, name="scope")
    if not pairs or not all(resources) or not all(names):
        detail = "Name the resource and what of it: api://NAME/.default or api://NAME/Permission."
        raise OAuthError(SCOPE_INVALID, detail, scope=text)
    if len(resources) > 1:
        detail = f"A token is for one resource, this asks for {' and '.join(shown(name) for name in resources[:3])}."
        raise OAuthError(SCOPE_INVALID, detail, scope=text)
    if DEFAULT in names and len(names) > 1:
        raise OAuthError(SCOPE_INVALID, "'.default' cannot stand beside named scopes.", scope=text)
    return WantedAccess(resources[0], () if names == (DEFAULT,) else names, openid)


def find_resource(index: DirectoryIndex, tenant: Tenant, name: str) -> Enrolled:
    """The resource of that name. OAuthError: the tenant has none, or it is disabled."""
    resource = index.resource(tenant, name)
    if resource is None:
        raise OAuthError(RESOURCE_UNKNOWN, _near_miss(index, tenant, name), resource=name, tenant=tenant.id)
    if not resource.principal.account_enabled:
        raise OAuthError(RESOURCE_DISABLED, resource=name)
    return resource


def _near_miss(index: DirectoryIndex, tenant: Tenant, name: str) -> str:
    """The commonest slip: a slash too many or too few."""
    other = name[:-1] if name.endswith("/") else name + "/"
    if index.resource(tenant, other) is None:
        return ""
    return f"There is '{shown(other)}': names are compared exactly, with their trailing slash."
