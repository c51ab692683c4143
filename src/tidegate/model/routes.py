"""Routes: what is matched and what happens then. One `Route` is one match of one rule; all of it is resolved."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from tidegate.diagnostics import Span
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


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """An exact header value. Names are lower case."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class RouteMatch:
    path: PathMatch = field(default_factory=PathMatch)
    headers: tuple[HeaderMatch, ...] = ()
    method: str | None = None


@dataclass(frozen=True, slots=True)
class WeightedBackend:
    backend: BackendId | ExternalBackend | None
    """None: the reference does not resolve; its share of the requests answers 500 (HTTPBackendRef)."""
    weight: int


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


@dataclass(frozen=True, slots=True)
class Respond:
    """Answer without a backend."""

    status: int
    body: str = ""
    content_type: str = "application/json"


Action: TypeAlias = Forward | Respond


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
