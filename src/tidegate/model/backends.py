"""Where requests end: ports of Services, and hosts outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tidegate.model.certificates import Certificate
from tidegate.model.names import ObjectName


@dataclass(frozen=True, slots=True, order=True)
class BackendId:
    """One port of one Service, as one kind of client sees it: the unit that becomes one Envoy cluster."""

    service: ObjectName
    port: int
    variant: str = ""
    """Tells apart how one port is spoken to where that depends on who asks: `h2c` for GRPCRoutes, the Gateway whose
    client certificate is presented, ... Empty for the usual way."""

    def __str__(self) -> str:
        return f"{self.service}:{self.port}" + (f"/{self.variant}" if self.variant else "")


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """One address that serves a backend."""

    address: str
    """An IP address."""
    port: int


class BackendProtocol(StrEnum):
    """What is spoken to a backend (GEP-1911); TLS is apart from it."""

    HTTP1 = "HTTP/1.1"
    """WebSocket and SSE included."""
    HTTP2 = "HTTP/2"
    """With prior knowledge in the clear (h2c), by ALPN over TLS."""
    TCP = "TCP"
    UDP = "UDP"


@dataclass(frozen=True, slots=True, order=True)
class SubjectAltName:
    """A name that a certificate must carry (BackendTLSPolicy.validation.subjectAltNames)."""

    kind: str
    """Hostname or URI. A Hostname may be `*.example.com`."""
    value: str


@dataclass(frozen=True, slots=True)
class BackendTls:
    """TLS towards a backend."""

    server_name: str
    """The SNI; checked against the certificate unless `names` are given."""
    roots: tuple[str, ...] | None
    """PEM bundles that vouch for the backend; None: the authorities that the operating system trusts."""
    names: tuple[SubjectAltName, ...] = ()
    """The certificate must carry one of them. Empty: it must be valid for `server_name`."""
    client_certificate: Certificate | None = None


class LoadBalancingStrategy(StrEnum):
    ROUND_ROBIN = "round-robin"
    LEAST_REQUEST = "least-request"
    """Of two at random, the one with fewer active requests."""
    RING_HASH = "ring-hash"
    LOAD_AWARE = "load-aware"
    """Weights by what backends report in `endpoint-load-metrics` (ORCA)."""


@dataclass(frozen=True, slots=True)
class SlowStart:
    window_s: float
    aggression: float = 1.0
    start_weight_percent: float = 10.0


@dataclass(frozen=True, slots=True)
class LoadAware:
    blackout_period_s: float = 10.0
    metric_expiration_s: float = 180.0
    error_utilization_penalty: float = 1.0
    named_metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadBalancing:
    strategy: LoadBalancingStrategy = LoadBalancingStrategy.LEAST_REQUEST
    slow_start: SlowStart | None = None
    load_aware: LoadAware | None = None
    by_client_address: bool = False
    """With RING_HASH: by the client's address, whatever routes hash (Service.spec.sessionAffinity ClientIP)."""


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """Upper bounds per Envoy; None leaves the gateway's own."""

    max_connections: int | None = None
    max_requests: int | None = None
    max_pending_requests: int | None = None
    max_retries: int | None = None


@dataclass(frozen=True, slots=True)
class HttpProbe:
    path: str = "/"
    host: str = ""
    """Empty: the backend's name."""
    statuses: tuple[tuple[int, int], ...] = ((200, 399),)
    """Ranges, both ends included."""
    body: str | None = None
    """Text that the answer must contain."""


@dataclass(frozen=True, slots=True)
class GrpcProbe:
    """grpc.health.v1."""

    service: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True)
class TcpProbe:
    """A connection suffices."""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """Active probes; endpoints that fail them get no requests."""

    probe: HttpProbe | GrpcProbe | TcpProbe
    interval_s: float = 5.0
    timeout_s: float = 30.0
    healthy_threshold: int = 1
    unhealthy_threshold: int = 3
    port: int | None = None
    """Another port of the same endpoints; None: the port that serves."""
    tls: bool | None = None
    """Whether to probe over TLS, or in the clear, whatever requests do; None: as they go."""


@dataclass(frozen=True, slots=True)
class Backend:
    """A Service port with its ready endpoints."""

    id: BackendId
    endpoints: tuple[Endpoint, ...]
    """Sorted. Empty: requests answer 503."""
    audience: str
    """The audience of the token by which the gateway proves itself to this backend: `NAME.NAMESPACE.svc`."""
    protocol: BackendProtocol = BackendProtocol.HTTP1
    hostname: str | None = None
    """ExternalName: resolved by DNS instead of `endpoints`."""
    hostname_port: int = 0
    """The port of `hostname`."""
    tls: BackendTls | None = None
    load_balancing: LoadBalancing | None = None
    circuit_breaker: CircuitBreaker | None = None
    health_check: HealthCheck | None = None


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """What the gateway shows a host outside, where a policy says so."""

    digest: str
    """SHA-256 of the chain, the first 16 hexadecimal digits: what tells it from others, and nothing of its key."""
    chain_pem: str = field(repr=False)
    key_pem: str = field(repr=False)

    @property
    def mark(self) -> str:
        """What the names of those end with that are shown it."""
        return f"#certificate-{self.digest}"


@dataclass(frozen=True, slots=True)
class ExternalBackend:
    """A host that no Service describes: an API's `serviceUrl`."""

    host: str
    port: int
    tls: bool
    certificate: ClientCertificate | None = None
    """What it is shown; None: the gateway does not say who it is."""

    def __str__(self) -> str:
        shown = self.certificate.mark if self.certificate is not None else ""
        return f"{'https' if self.tls else 'http'}://{self.host}:{self.port}{shown}"
