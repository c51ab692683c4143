"""Routes: what is matched and what happens then. One `Route` is one match of one rule; all of it is resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from tidegate.diagnostics import Span
from tidegate.model.access import Facts
from tidegate.model.backends import BackendId, ExternalBackend
from tidegate.model.names import ObjectKey
from tidegate.model.policies import PolicyProgram


class PathMatchKind(StrEnum):
    EXACT = "Exact"
    PREFIX = "PathPrefix"
    """By path element: `/a` matches `/a` and `/a/b`, not `/ab`."""
    REGEX = "RegularExpression"
    """RE2, the whole path."""


@dataclass(frozen=True, slots=True)
class PathMatch:
    kind: PathMatchKind = PathMatchKind.PREFIX
    value: str = "/"
    ignore_case: bool = False
    """API Management matches operation templates without regard to case."""


class ValueMatchKind(StrEnum):
    EXACT = "Exact"
    REGEX = "RegularExpression"
    """RE2, the whole value."""


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """A header's value. Names are lower case."""

    name: str
    value: str
    kind: ValueMatchKind = ValueMatchKind.EXACT


@dataclass(frozen=True, slots=True)
class QueryMatch:
    """A query parameter's value. Names are exact."""

    name: str
    value: str
    kind: ValueMatchKind = ValueMatchKind.EXACT


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """All of it must hold."""

    path: PathMatch = field(default_factory=PathMatch)
    headers: tuple[HeaderMatch, ...] = ()
    method: str | None = None
    query: tuple[QueryMatch, ...] = ()
    grpc: bool = False
    """Only gRPC requests (content-type application/grpc...)."""


@dataclass(frozen=True, slots=True)
class HeaderChange:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class HeaderChanges:
    """HTTPHeaderFilter: set replaces, add appends, remove deletes; each name at most once."""

    set: tuple[HeaderChange, ...] = ()
    add: tuple[HeaderChange, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cors:
    """HTTPCORSFilter; the gateway answers preflights itself."""

    allow_origins: tuple[str, ...] = ()
    """`*`, or scheme://host[:port] where the host may begin with `*.`."""
    allow_credentials: bool = False
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    max_age_s: int = 5


@dataclass(frozen=True, slots=True)
class Mirror:
    """A copy of `numerator` of `denominator` requests goes to `backend`; its answers are thrown away."""

    backend: BackendId
    numerator: int = 100
    denominator: int = 100


@dataclass(frozen=True, slots=True)
class Redirect:
    """HTTPRequestRedirectFilter, with `port` already worked out. None keeps what the request has."""

    scheme: str | None = None
    hostname: str | None = None
    port: int | None = None
    """As in the specification (without the port offset)."""
    replace_path: str | None = None
    replace_prefix: str | None = None
    """Replaces what the `PathPrefix` match matched."""
    status: int = 302
    keeps_port: bool = False
    """`port` is the listener's because nothing else names one: requests whose Host has another port keep that."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """HTTPURLRewriteFilter. None keeps what the request has."""

    hostname: str | None = None
    replace_path: str | None = None
    replace_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class BackendFilters:
    """Filters of one backendRef: they act only on the requests that go to it."""

    request_headers: HeaderChanges = HeaderChanges()
    response_headers: HeaderChanges = HeaderChanges()
    rewrite: Rewrite | None = None
    redirect: Redirect | None = None
    mirrors: tuple[Mirror, ...] = ()
    cors: Cors | None = None


@dataclass(frozen=True, slots=True)
class WeightedBackend:
    backend: BackendId | ExternalBackend | None
    """None: the reference does not resolve; its share of the requests answers 500 (HTTPBackendRef)."""
    weight: int
    filters: BackendFilters | None = None


@dataclass(frozen=True, slots=True)
class Timeouts:
    """HTTPRouteTimeouts in seconds. None: the gateway's default; 0: no limit."""

    request_s: float | None = None
    """From the request's end of arrival to the last byte of the answer, retries included."""
    backend_request_s: float | None = None
    """One try."""


@dataclass(frozen=True, slots=True)
class Retry:
    """HTTPRouteRetry."""

    codes: tuple[int, ...] = ()
    attempts: int | None = None
    """Further tries after the first."""
    backoff_s: float | None = None
    """How long the first pause is on average; pauses are drawn at random."""


@dataclass(frozen=True, slots=True)
class SessionPersistence:
    """A session's requests go to the endpoint that answered its first (GEP-1619)."""

    name: str
    in_header: bool = False
    """A header instead of a cookie."""
    lifetime_s: float | None = None
    """The cookie's Max-Age; None: the browser's session."""


@dataclass(frozen=True, slots=True)
class CookieHash:
    """RoutePolicy.sessionAffinity: equal cookies go to the same endpoint of a ring."""

    name: str
    lifetime_s: float | None = None
    managed: bool = False
    """The gateway gives a cookie to clients that have none."""


@dataclass(frozen=True, slots=True)
class Forward:
    """Send to one of the backends, by weight. No backend with a weight above 0: 500."""

    backends: tuple[WeightedBackend, ...]
    replace_prefix: str | None = None
    """Where set, what `PathMatch` matched as a prefix is replaced by this (an API's path by its service's path)."""
    host: str | None = None
    """Where set, the Host towards the backend."""
    matched_prefix: str | None = None
    """What `replace_prefix` replaces where the match is no prefix (an API's path in an operation's template); None: the
    value of the `PathPrefix` match."""
    replace_path: str | None = None
    """Where set, the whole path (without the query) becomes this."""
    mirrors: tuple[Mirror, ...] = ()
    timeouts: Timeouts = Timeouts()
    retry: Retry | None = None
    """None: the gateway's own, which never repeats what a backend may have begun to work on."""
    affinity: SessionPersistence | CookieHash | None = None


@dataclass(frozen=True, slots=True)
class Respond:
    """Answer without a backend."""

    status: int
    body: str = ""
    content_type: str = "application/json"


Action: TypeAlias = Forward | Redirect | Respond


@dataclass(frozen=True, slots=True)
class ProductProgram:
    """What runs for calls in the context of a product."""

    product: str
    """Its id."""
    program: PolicyProgram | None
    """None: the product's policy is not accepted and never was, so that calls in its context answer 503."""


@dataclass(frozen=True, slots=True)
class Route:
    """One match of one rule, ready to be compiled."""

    id: str
    """Stable and unique within the world: `namespace/name#rule.match`, or `apim/api/operation`. Shown in logs."""
    hostnames: tuple[str, ...]
    """After intersection with the listener's; empty means every host. Wildcards are `*.example.com`."""
    match: RouteMatch
    action: Action
    owner: ObjectKey
    span: Span
    """The rule, in the user's file: a refusal by Envoy is shown here."""
    request_headers: HeaderChanges = HeaderChanges()
    response_headers: HeaderChanges = HeaderChanges()
    program: PolicyProgram | None = None
    """The policies of this route; they run before the header changes."""
    products: tuple[ProductProgram, ...] = ()
    """The policies that stand in their place in the context of a product."""
    facts: Facts | None = None
    """Of the operation of API Management that this route is; its access is checked before any policy runs."""
    cors: Cors | None = None


@dataclass(frozen=True, slots=True)
class StreamRoute:
    """One TLSRoute, TCPRoute or UDPRoute rule: connections (or datagram sessions) to backends, by weight."""

    id: str
    hostnames: tuple[str, ...]
    """SNI, after intersection with the listener's; empty means every name. Always empty for TCP and UDP."""
    backends: tuple[WeightedBackend, ...]
    """No resolvable backend: connections are refused."""
    owner: ObjectKey
    span: Span
