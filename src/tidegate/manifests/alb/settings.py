"""What attached policies come to, for one port of a Service and for one route."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.model import (
    BackendTls,
    CircuitBreaker,
    CookieHash,
    HealthCheck,
    ListenerTls,
    LoadBalancing,
    Timeouts,
)


@dataclass(frozen=True, slots=True)
class BackendSettings:
    """What policies say of one port of a Service."""

    tls: BackendTls | None = None
    load_balancing: LoadBalancing | None = None
    """None: nobody says; the gateway's own."""
    circuit_breaker: CircuitBreaker | None = None
    health_check: HealthCheck | None = None
    why_closed: str = ""
    """Why requests answer 503 rather than go without what a policy wanted; empty: they go."""

    @property
    def closed(self) -> bool:
        return bool(self.why_closed)


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """What a RoutePolicy says of one route."""

    timeouts: Timeouts | None = None
    """For its rules that have no timeouts of their own."""
    affinity: CookieHash | None = None
    """For its rules that have no session persistence of their own."""


@dataclass(frozen=True, slots=True)
class FrontendTls:
    """What a FrontendTLSPolicy says of one listener."""

    tls: ListenerTls | None = None
    """None: no policy; the gateway's own."""
    why_closed: str = ""
    """Why connections are refused rather than let in without what the policy asks; empty: they are let in."""

    @property
    def closed(self) -> bool:
        return bool(self.why_closed)
