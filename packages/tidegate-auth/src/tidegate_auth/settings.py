"""What a service must know to check its callers, and where it learns that: the environment is read here only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

PUBLIC_AUTHORITY = "https://login.microsoftonline.com"


class Mode(StrEnum):
    GATEWAY = "gateway"
    """Believe the headers of a gateway that proves itself."""
    JWT = "jwt"
    """Believe nobody: check the bearer here."""


@dataclass(frozen=True, slots=True)
class TrustedHeaders:
    """Names of the headers in which the gateway tells who calls. None: the header is not read.

    The gateway takes away what clients send under a name that the route's policy sets, and only that. So it lists these
    names in `vouched`, and a header here that is not listed is refused.
    """

    proof: str = "X-Gateway-Authorization"
    oid: str = "X-User-OID"
    tid: str | None = "X-User-TID"
    roles: str | None = "X-User-Roles"
    """Comma separated; so a role with a comma in its value cannot be used in this mode."""
    scopes: str | None = "X-User-Scopes"
    """Space or comma separated."""
    name: str | None = "X-User-Name"
    client_app_id: str | None = "X-Client-App-ID"
    vouched: str = "X-Gateway-Headers"

    def __post_init__(self) -> None:
        folded = [fold(name) for name in self.names()]
        if len(set(folded)) != len(folded):
            raise ValueError(f"trusted headers must have different names, got {', '.join(self.names())}")

    def names(self) -> tuple[str, ...]:
        """All headers that are read, the proof's included."""
        every = (self.proof, self.oid, self.tid, self.roles, self.scopes, self.name, self.client_app_id, self.vouched)
        return tuple(name for name in every if name is not None)


def fold(header: str) -> str:
    """The spelling that servers and CGI-like layers tend to confuse a header name into."""
    return header.lower().replace("_", "-").replace(".", "-")


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """How callers are checked. Wrong combinations are refused when built, not at the first request."""

    mode: Mode
    authority: str = PUBLIC_AUTHORITY
    """Where the tenants' keys and tokens come from: scheme and host, no path."""
    gateway_authority: str = ""
    """Where the gateway's keys come from; "" means `authority`."""
    ca_file: str | None = field(default=None)
    """PEM file of a CA to trust besides the usual ones: Tidegate's local CA."""
    audience: str | None = None
    """Mode gateway: the audience of proofs for this service, `NAME.NAMESPACE.svc`."""
    tenant_id: str | None = None
    """Mode jwt: the one tenant whose tokens count."""
    api_audiences: tuple[str, ...] = ()
    """Mode jwt: accepted `aud` values: the API's client id (v2 tokens) and its identifier URIs (v1)."""
    headers: TrustedHeaders = TrustedHeaders()
    leeway_s: float = 30.0
    """How far another machine's clock may be off, for `exp` and `nbf`."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "mode", Mode(self.mode))
        object.__setattr__(self, "authority", _authority(self.authority))
        object.__setattr__(self, "gateway_authority", _authority(self.gateway_authority or self.authority))
        if not 0 <= self.leeway_s <= 300:
            raise ValueError(f"leeway_s must be between 0 and 300 seconds, got {self.leeway_s}")
        if self.mode is Mode.GATEWAY and not self.audience:
            raise ValueError("mode gateway needs `audience`: the name by which the gateway knows this service")
        if self.mode is Mode.JWT and not self.tenant_id:
            raise ValueError("mode jwt needs `tenant_id`: the tenant whose tokens count")
        if self.mode is Mode.JWT and not self.api_audiences:
            raise ValueError("mode jwt needs `api_audiences`: without them a token for any API would do")

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str] | None = None, *, headers: TrustedHeaders | None = None
    ) -> AuthSettings:
        """Read TIDEGATE_AUTH_MODE (default gateway), TIDEGATE_AUTHORITY, TIDEGATE_GATEWAY_AUTHORITY, TIDEGATE_CA_FILE,
        TIDEGATE_AUDIENCE, AZURE_TENANT_ID and TIDEGATE_API_AUDIENCES (separated by commas or spaces).

        Raises ValueError for a mode that does not exist and for a mode that lacks what it needs.
        """
        values = os.environ if environment is None else environment  # noqa: TID251 - the one reader, see the module
        mode = values.get("TIDEGATE_AUTH_MODE") or Mode.GATEWAY
        if mode not in tuple(Mode):
            raise ValueError(f"TIDEGATE_AUTH_MODE is {mode!r}; must be one of {', '.join(Mode)}")
        return cls(
            mode=Mode(mode),
            authority=values.get("TIDEGATE_AUTHORITY") or PUBLIC_AUTHORITY,
            gateway_authority=values.get("TIDEGATE_GATEWAY_AUTHORITY", ""),
            ca_file=values.get("TIDEGATE_CA_FILE") or None,
            audience=values.get("TIDEGATE_AUDIENCE") or None,
            tenant_id=values.get("AZURE_TENANT_ID") or None,
            api_audiences=tuple(values.get("TIDEGATE_API_AUDIENCES", "").replace(",", " ").split()),
            headers=headers or TrustedHeaders(),
        )


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """How this service proves itself when it asks for tokens: client secret post."""

    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)
    authority: str = PUBLIC_AUTHORITY
    ca_file: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "authority", _authority(self.authority))
        for name in ("tenant_id", "client_id", "client_secret"):
            if not getattr(self, name):
                raise ValueError(f"a token client needs `{name}`")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> ClientSettings:
        """Read AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, TIDEGATE_AUTHORITY and TIDEGATE_CA_FILE."""
        values = os.environ if environment is None else environment  # noqa: TID251 - the one reader, see the module
        return cls(
            tenant_id=values.get("AZURE_TENANT_ID", ""),
            client_id=values.get("AZURE_CLIENT_ID", ""),
            client_secret=values.get("AZURE_CLIENT_SECRET", ""),
            authority=values.get("TIDEGATE_AUTHORITY") or PUBLIC_AUTHORITY,
            ca_file=values.get("TIDEGATE_CA_FILE") or None,
        )


def _authority(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query or parts.username:
        # RFC 8414 section 6.1: keys that come without TLS are anybody's keys.
        raise ValueError(f"an authority must be https://HOST[:PORT] without a path, got {text!r}")
    return f"https://{parts.netloc.lower()}"
