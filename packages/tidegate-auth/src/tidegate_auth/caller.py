"""Who is calling: the same value in every mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class BearerToken:
    """A caller's access token. It does not show itself in logs; `reveal` is the one way to its text."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        return self._text

    def __str__(self) -> str:
        return "BearerToken(...)"


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified user or application."""

    oid: str
    """Object id of the user, or of the application's service principal."""
    tid: str
    """Tenant id. In mode gateway, "" if the service was told not to read that header."""
    roles: frozenset[str] = frozenset()
    """App roles that the caller holds on this API."""
    scopes: frozenset[str] = frozenset()
    """Delegated permissions; empty for an application that acts as itself."""
    client_app_id: str | None = None
    """Client id of the program that holds the token: `azp` (v2) or `appid` (v1)."""
    name: str | None = None
    is_app: bool = False
    """True: no user is involved. Only user tokens carry scopes, so this is told by their absence."""
    claims: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """What was proven: the token's claims in mode jwt, what the gateway's headers say in mode gateway."""
    token: BearerToken | None = None
    """The bearer that came with the request, to act on behalf of the caller with. None: there was none."""

    def has_role(self, *names: str) -> bool:
        """True if the caller holds at least one of these roles."""
        return not self.roles.isdisjoint(names)

    def has_scope(self, *names: str) -> bool:
        """True if at least one of these permissions was delegated."""
        return not self.scopes.isdisjoint(names)
