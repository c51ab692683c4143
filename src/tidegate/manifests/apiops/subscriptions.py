"""Products and subscriptions: who may call which APIs, by which keys."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tidegate.diagnostics import Found, Related, Span
from tidegate.diagnostics.codes import apim as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.apiops.artifacts import Artifacts
from tidegate.manifests.apiops.layout import Layout, ProductFolder
from tidegate.manifests.apiops.schema import ProductInformation, SubscriptionInformation, SubscriptionProperties
from tidegate.manifests.objects import text_of
from tidegate.model import (
    ProductFacts,
    SubscriptionFacts,
    Subscriptions,
    SubscriptionScope,
    UserFacts,
    key_digest,
)
from tidegate.sources import Mapping, Node, Sequence

_SCOPE: Final = re.compile(r"(?P<service>/subscriptions/.+/service/[^/]+)?/?(?P<rest>.*)", re.IGNORECASE)
_KEY_BYTES: Final = 16
"""API Management's own keys are 32 hexadecimal digits."""


@dataclass(frozen=True)
class Product:
    """One product as its files have it."""

    facts: ProductFacts
    policy: str | None
    apis: frozenset[str]
    """Ids of APIs, in lower case."""


@dataclass(frozen=True)
class Entities:
    """What decides who may call."""

    products: tuple[Product, ...] = ()
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    generated: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    """(subscription, primary key, secondary key) of those whose file has none."""

    def products_of(self, api: str) -> tuple[Product, ...]:
        """Those that an API is part of, by id."""
        return tuple(product for product in self.products if api.lower() in product.apis)


def read_entities(layout: Layout, artifacts: Artifacts, seed: bytes) -> Entities:
    """All products and subscriptions. `seed` makes the keys of subscriptions whose file has none; b"" makes none."""
    products = tuple(_products(layout, artifacts))
    generated: list[tuple[str, str, str]] = []
    known = {product.facts.id.lower(): product.facts.id for product in products}
    apis = {api.id.lower(): api.id for api in layout.apis.values()}
    subscriptions: list[SubscriptionFacts] = []
    for name, path in sorted(layout.subscriptions.items()):
        information = artifacts.read(
            path, SubscriptionInformation, subject=f"subscription {name}", override=("subscriptions", name)
        )
        if information is None:
            continue
        properties = information.properties
        scope = _scope(properties.scope, known, apis)
        if isinstance(scope, str):
            artifacts.found.add(
                codes.SUBSCRIPTION_SCOPE,
                at=artifacts.place(path, "properties", "scope"),
                subscription=name,
                reason=scope,
                notes=("its keys open nothing",),
            )
            continue
        keys = (properties.primary_key or "", properties.secondary_key or "")
        if not any(keys):
            artifacts.found.add(
                codes.SUBSCRIPTION_KEYLESS,
                at=Span(path, 1, 1, 1, 1),
                subscription=name,
                help="`tidegate up` writes them to subscription-keys.json in its state directory; or write "
                '"primaryKey": "${NAME}" and give it with `--set NAME=...`',
            )
            if seed:
                keys = (generated_key(seed, name, "primary"), generated_key(seed, name, "secondary"))
                generated.append((name, *keys))
        subscriptions.append(_facts(name, properties, scope, keys))
    _check_keys(subscriptions, layout, artifacts.found)
    return Entities(products, Subscriptions(tuple(subscriptions)), tuple(generated))


def generated_key(seed: bytes, subscription: str, which: str) -> str:
    """A local key: the same as long as the state directory lives, and nobody's who does not know its seed."""
    text = f"subscription-key/{which}/{subscription}".encode()
    return hmac.new(seed, text, hashlib.sha256).digest()[:_KEY_BYTES].hex()


def _facts(
    name: str, properties: SubscriptionProperties, scope: tuple[SubscriptionScope, str], keys: tuple[str, str]
) -> SubscriptionFacts:
    owner = (properties.owner_id or "").rstrip("/").rpartition("/")[2]
    return SubscriptionFacts(
        id=name,
        name=properties.display_name or name,
        scope=scope[0],
        target=scope[1],
        active=properties.state == "active",
        primary_digest=key_digest(keys[0]) if keys[0] else "",
        secondary_digest=key_digest(keys[1]) if keys[1] else "",
        user=UserFacts(owner) if owner else None,
        created=properties.created_date or "",
        start=properties.start_date or "",
        end=properties.end_date or properties.expiration_date or "",
    )


def _scope(text: str, products: dict[str, str], apis: dict[str, str]) -> tuple[SubscriptionScope, str] | str:
    """What a scope opens, or what is wrong with it."""
    match = _SCOPE.fullmatch(text)
    rest = match["rest"].strip("/") if match else text
    if match and match["service"] and not rest:
        return SubscriptionScope.ALL, ""  # the service itself
    kind, _, name = rest.partition("/")
    match kind.lower(), name:
        case "apis", "":
            return SubscriptionScope.ALL, ""
        case "apis", _:
            api = name.partition(";")[0].lower()
            if api in apis:
                return SubscriptionScope.API, apis[api]
            return f"names API `{name}`, which does not exist{_near(name, apis)}"
        case "products", _ if name:
            if name.lower() in products:
                return SubscriptionScope.PRODUCT, products[name.lower()]
            return f"names product `{name}`, which does not exist{_near(name, products)}"
    return f"is `{text}`, not /products/NAME, /apis/NAME or /apis"


def _near(name: str, known: dict[str, str]) -> str:
    near = did_you_mean(name, list(known.values()))
    return f"; {near}" if near else ""


def _check_keys(subscriptions: list[SubscriptionFacts], layout: Layout, found: Found) -> None:
    first: dict[str, SubscriptionFacts] = {}
    for each in subscriptions:
        for digest in {each.primary_digest, each.secondary_digest} - {""}:
            other = first.setdefault(digest, each)
            if other is not each:
                here, there = (Span(layout.subscriptions[one.id], 1, 1, 1, 1) for one in (each, other))
                found.add(
                    codes.SUBSCRIPTION_KEY_TWICE,
                    at=here,
                    first=other.id,
                    second=each.id,
                    related=[Related(there, "the key is this one's")],
                )


# -- products


def _products(layout: Layout, artifacts: Artifacts) -> Iterator[Product]:
    apis = {api.id.lower() for api in layout.apis.values()}
    for name, folder in sorted(layout.products.items()):
        information = artifacts.read(
            folder.information, ProductInformation, subject=f"product {name}", override=("products", name)
        )
        members = dict(_members(folder, artifacts))
        for api, place in sorted(members.items()):
            if api.lower() not in apis:
                artifacts.found.add(
                    codes.PRODUCT_API_UNKNOWN, at=place, product=name, api=api, help=did_you_mean(api, sorted(apis))
                )
        if information is None:
            # A product that is not known for what it is demands a key, which its subscriptions have.
            yield Product(ProductFacts(name, name), folder.policy, frozenset(api.lower() for api in members))
            continue
        properties = information.properties
        yield Product(
            ProductFacts(
                id=name,
                name=properties.display_name,
                subscription_required=properties.subscription_required,
                approval_required=properties.approval_required,
                state=properties.state,
                subscriptions_limit=properties.subscriptions_limit,
            ),
            folder.policy,
            frozenset(api.lower() for api in members),
        )


def _members(folder: ProductFolder, artifacts: Artifacts) -> Iterator[tuple[str, Span]]:
    for api, path in folder.apis.items():
        yield api.partition(";")[0], Span(path, 1, 1, 1, 1)
    root = artifacts.root(folder.api_list) if folder.api_list else None
    for item in root.items if isinstance(root, Sequence) else ():
        name = _name(item)
        if name is not None:
            yield name.partition(";")[0], item.span


def _name(item: Node) -> str | None:
    return text_of(item.get("name")) if isinstance(item, Mapping) else text_of(item)
