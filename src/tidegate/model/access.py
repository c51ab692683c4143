"""API Management's entities as requests meet them: APIs, operations, products, and who has subscribed to what.

Keys are never kept: what is known of one is its SHA-256, and whoever sends a text with that digest has the key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

DEFAULT_KEY_HEADER = "Ocp-Apim-Subscription-Key"
DEFAULT_KEY_QUERY = "subscription-key"


class SubscriptionScope(StrEnum):
    """What a subscription's key opens."""

    ALL = "all"
    """Every API."""
    API = "api"
    PRODUCT = "product"


@dataclass(frozen=True, slots=True)
class ApiFacts:
    """`context.Api`."""

    id: str
    """The folder's name, without its revision."""
    name: str
    """The display name."""
    path: str
    """Without slashes around it; with the version where that is part of the path."""
    revision: str = "1"
    version: str = ""
    service_url: str = ""
    is_current_revision: bool = True
    protocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OperationFacts:
    """`context.Operation`."""

    id: str
    name: str
    method: str
    url_template: str


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """`context.Product`."""

    id: str
    name: str
    subscription_required: bool = True
    approval_required: bool = False
    state: str = "notPublished"
    subscriptions_limit: int | None = None


@dataclass(frozen=True, slots=True)
class UserFacts:
    """`context.User`: who owns a subscription."""

    id: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    """`context.Subscription`, and what its keys open."""

    id: str
    name: str
    scope: SubscriptionScope
    target: str
    """The id of the API or the product; "" for all APIs."""
    active: bool
    primary_digest: str
    """SHA-256 of the primary key, hexadecimal; "" where there is none."""
    secondary_digest: str = ""
    user: UserFacts | None = None
    created: str = ""
    """The dates are those of the file, as written there; "" where it has none."""
    start: str = ""
    end: str = ""


@dataclass(frozen=True)
class Subscriptions:
    """Everybody who has subscribed. One value for all routes of a gateway; equal ones have equal digests."""

    all: tuple[SubscriptionFacts, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Of the content: workers know by it whether what they have decoded is still good."""
        return hashlib.sha256(repr(self.all).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call an API, and in whose context."""

    subscription_required: bool
    key_header: str = DEFAULT_KEY_HEADER
    key_query: str = DEFAULT_KEY_QUERY
    products: tuple[ProductFacts, ...] = ()
    """Those that the API is part of, by id. A key of any other product opens nothing."""
    subscriptions: Subscriptions = field(default_factory=Subscriptions, repr=False)

    @property
    def open_product(self) -> ProductFacts | None:
        """The product whose policies apply to calls without a key (API Management allows one such product an API)."""
        return next((product for product in self.products if not product.subscription_required), None)


@dataclass(frozen=True, slots=True)
class MockAnswer:
    """One example of one response."""

    status: int
    content_type: str
    body: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a route's policies can know of the API and the operation that were called."""

    api: ApiFacts
    operation: OperationFacts | None
    """None: a request that no operation of the API takes."""
    access: Access
    contract: str = field(default="", repr=False)
    """What the specification says of the operation's messages, a chunk of Lua; "" where no policy asks."""
    mock: tuple[MockAnswer, ...] = field(default=(), repr=False)
    """What mock-response answers with, likewise."""


def key_digest(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def product_ids(products: Sequence[ProductFacts]) -> tuple[str, ...]:
    return tuple(product.id for product in products)
