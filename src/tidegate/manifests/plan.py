"""What resolution comes to: gateways with their routes, and which policies cover each route.

The policies themselves are read by another package; `pipeline` joins the two. Names of scopes are the only contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from tidegate.diagnostics import Span
from tidegate.manifests.conditions import JsonObject
from tidegate.model import Backend, BackendId, Directory, Gateway, Listener, ObjectKey, RateLimit, Route, Workload
from tidegate.model.entities import BackendEntity, CertificateEntity
from tidegate.sources import Source

if TYPE_CHECKING:  # `apiops` makes plans
    from tidegate.manifests.apiops.artifacts import ArtifactMemory
    from tidegate.manifests.apiops.contract import Contract

ScopeId: TypeAlias = str
"""One policy document: `ApimPolicy shop/limits`, or the path of a policy.xml."""

Precedence: TypeAlias = tuple[int | bool | str, ...]
"""Sorts the routes of a listener: the smaller wins."""


class Level(StrEnum):
    """How wide a policy document reaches; the words are API Management's."""

    GLOBAL = "global"
    PRODUCT = "product"
    API = "api"
    OPERATION = "operation"
    LIMITS = "limits"
    """A RateLimitPolicy: behind all others, whatever it is attached to, so that none can leave it out."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One document over a route."""

    level: Level
    id: ScopeId


@dataclass(frozen=True, slots=True)
class PolicySource:
    """Where a scope's document is."""

    source: Source | None
    """None: it cannot be read; what it covers answers 503 until it can."""
    owner: ObjectKey | None
    """The ApimPolicy, or None for a file of the APIOps layout."""
    span: Span
    """Where it is attached."""
    limits: tuple[RateLimit, ...] = ()
    """A RateLimitPolicy instead of a document."""


@dataclass(frozen=True, slots=True)
class NamedValueText:
    """What stands for `{{name}}`."""

    name: str
    value: str
    secret: bool
    span: Span

    def __repr__(self) -> str:
        return f"NamedValueText({self.name}={'...' if self.secret else self.value!r})"


@dataclass(frozen=True, slots=True)
class FragmentSource:
    """A policy fragment, which `include-fragment` puts into documents."""

    name: str
    source: Source | None
    """None: it cannot be read."""
    span: Span


@dataclass(frozen=True, slots=True)
class ProductScopes:
    """The documents over a route for calls in the context of a product."""

    product: str
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """A route and the policies over it."""

    route: Route
    """Without its program."""
    precedence: Precedence
    scopes: tuple[Scope, ...] = ()
    """Widest first. Where the global one is missing, the default global document stands there."""
    closed: bool = False
    """Answers 503 whatever its policies say: its object, or one that covers it, is not accepted."""
    preflight: bool = True
    """Whether a CORS preflight for it should reach its program: false where OPTIONS has a route of its own."""
    products: tuple[ProductScopes, ...] = ()
    """What stands in the place of `scopes` in the context of each product."""
    contract: Contract | None = None
    """What the specification says of the operation's messages, for policies that ask."""


@dataclass(frozen=True, slots=True)
class ListenerPlan:
    listener: Listener
    """Without routes."""
    routes: tuple[RoutePlan, ...]


@dataclass(frozen=True, slots=True)
class GatewayPlan:
    gateway: Gateway
    """Without listeners."""
    listeners: tuple[ListenerPlan, ...]


@dataclass(frozen=True)
class Plan:
    gateways: tuple[GatewayPlan, ...] = ()
    backends: Mapping[BackendId, Backend] = field(default_factory=dict)
    directory: Directory = field(default_factory=Directory)
    workloads: tuple[Workload, ...] = ()
    policies: Mapping[ScopeId, PolicySource] = field(default_factory=dict)
    named_values: Mapping[str, NamedValueText] = field(default_factory=dict)
    """What stands for `{{name}}` in policy documents."""
    fragments: Mapping[str, FragmentSource] = field(default_factory=dict)
    """What `include-fragment` names."""
    backend_entities: Mapping[str, BackendEntity] = field(default_factory=dict)
    """What `backend-id` names."""
    certificates: Mapping[str, CertificateEntity] = field(default_factory=dict)
    """What `certificate-id` names."""
    generated_keys: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    """(subscription, primary key, secondary key) of subscriptions that have none of their own."""
    statuses: Mapping[ObjectKey, JsonObject] = field(default_factory=dict)
    artifacts: ArtifactMemory | None = None
    """For the next reading: what this one knew of the APIOps layout."""
    resolved: object = None
    """For the next resolution: what need not be worked out again (`resolve.Resolved`)."""
