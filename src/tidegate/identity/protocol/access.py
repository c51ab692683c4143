"""What a grant decides: who may have which token. Values only; `claims` and `tokens` make the token of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tidegate.identity.indexes import Enrolled
from tidegate.model import ServicePrincipal, Tenant, User

PUBLIC: Final = "0"
SECRET: Final = "1"  # noqa: S105 - a claim's value that says how the client proved itself, no secret
"""How the client proved itself: the values of appidacr and azpacr."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The client of a token."""

    app_id: str
    authentication: str
    """PUBLIC or SECRET."""
    principal: ServicePrincipal | None
    """None for the operator's own client, which no tenant has enrolled."""


@dataclass(frozen=True, slots=True)
class AccessGrant:
    """A decision to issue an access token. With a user: delegated. Without: the application acts for itself."""

    grant: str
    """For the log: client_credentials, on_behalf_of, operator."""
    tenant: Tenant
    client: Caller
    resource: Enrolled
    audience: str
    """The resource as it was asked for: the audience of a v1 token."""
    user: User | None
    scopes: tuple[str, ...]
    roles: tuple[str, ...]
    capabilities: tuple[str, ...] = ()
    """xms_cc: what the client says it can handle."""
    wants_id_token: bool = False
    wants_client_info: bool = False
