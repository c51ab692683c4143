"""Backend entities of API Management: what `backend-id` of a policy names."""

from __future__ import annotations

from dataclasses import dataclass, field

from tidegate.diagnostics import Span


@dataclass(frozen=True, slots=True)
class BackendCredentials:
    """What is added to every request to the backend."""

    headers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    query: tuple[tuple[str, tuple[str, ...]], ...] = ()
    authorization: tuple[str, str] | None = None
    """Scheme and parameter of the Authorization header."""


@dataclass(frozen=True, slots=True)
class PoolMember:
    """One backend of a pool. Of the members with the lowest `priority` that can take requests, one is drawn by
    `weight`."""

    backend: str
    """The id of the entity, the last part of its resource id."""
    weight: int = 1
    priority: int = 0


@dataclass(frozen=True, slots=True)
class BreakerRule:
    """A circuit breaker: so many failures in so long, and the backend gets nothing for a while."""

    failures: int
    interval_s: float
    trip_s: float
    statuses: tuple[tuple[int, int], ...] = ()
    """Ranges of statuses that are failures, both ends included. Connections that fail always are."""
    accepts_retry_after: bool = False


@dataclass(frozen=True, slots=True)
class BackendEntity:
    """One `backends/NAME/backendInformation.json`: a URL, or a pool of other entities."""

    id: str
    span: Span
    url: str = ""
    """http or https, without query; "" for a pool."""
    members: tuple[PoolMember, ...] = ()
    credentials: BackendCredentials = BackendCredentials()
    breaker: BreakerRule | None = None
    verify_chain: bool = True
    """tls.validateCertificateChain."""
    verify_name: bool = True
    """tls.validateCertificateName."""


@dataclass(frozen=True, slots=True)
class CertificateEntity:
    """One `certificates/NAME/certificateInformation.json` that holds a certificate with its key."""

    id: str
    span: Span
    data: str = field(repr=False)
    """PKCS#12, in base64."""
    password: str = field(default="", repr=False)
