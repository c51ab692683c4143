"""Where requests end: ports of Services, and hosts outside."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.model.names import ObjectName


@dataclass(frozen=True, slots=True, order=True)
class BackendId:
    """One port of one Service: the unit that becomes one Envoy cluster."""

    service: ObjectName
    port: int

    def __str__(self) -> str:
        return f"{self.service}:{self.port}"


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """One address that serves a backend."""

    address: str
    """An IP address."""
    port: int


@dataclass(frozen=True, slots=True)
class Backend:
    """A Service port with its ready endpoints."""

    id: BackendId
    endpoints: tuple[Endpoint, ...]
    """Sorted. Empty: requests answer 503."""
    audience: str
    """The audience of the token by which the gateway proves itself to this backend: `NAME.NAMESPACE.svc`."""


@dataclass(frozen=True, slots=True, order=True)
class ExternalBackend:
    """A host that no Service describes: an API's `serviceUrl`."""

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}"
