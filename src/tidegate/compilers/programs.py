"""What a route's policy programs find with it (decisions 0002 and 0018).

Envoy 1.40 copies a filter context whole each time that Lua asks for it, which is on every request: it holds digests
only. What they stand for is read once by each worker: what belongs to the route alone, in the route's metadata; what
routes share (programs, keys, subscriptions), once in the metadata of their virtual host, the `library`.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache

from tidegate.envoy.resources import JsonObject
from tidegate.envoy.snapshot import canonical
from tidegate.model import (
    Access,
    Facts,
    IssuerMetadata,
    MockAnswer,
    OperationFacts,
    PolicyProgram,
    ProductFacts,
    Route,
    SubscriptionFacts,
    Subscriptions,
)


def filter_context(
    route: Route,
    issuers: Mapping[str, IssuerMetadata],
    *,
    data: JsonObject | None = None,
    changes_origin: bool = False,
) -> JsonObject:
    """The digests by which workers cache. The route has a program; `data` is its `route_data`, if it is known already.

    `changes_origin`: the route's own header changes touch Origin, so responses cannot know from it what cors decided.
    """
    if route.program is None:
        raise ValueError(f"route {route.id} has no program")
    context: JsonObject = {"program": route.program.digest, "keys_digest": _keys(route, issuers)[0]}
    if changes_origin:
        context["changes_origin"] = "yes"
    if route.facts is not None:
        context["facts"] = _digest((data or route_data(route))["facts"])
    return context


def route_data(route: Route) -> JsonObject:
    """The metadata of the route itself. Never empty: it tells Envoy to mark its own answers (envoy.local_replies)."""
    return {"has_program": True, **({} if route.facts is None else {"facts": facts_data(route)})}


def library(route: Route, issuers: Mapping[str, IssuerMetadata]) -> JsonObject:
    """What the route needs of its virtual host's metadata, by name."""
    entries: JsonObject = {f"program:{each.digest}": each.lua for each in _programs(route)}
    digest, keys = _keys(route, issuers)
    if keys:
        entries[f"keys:{digest}"] = keys
    if route.facts is not None:
        subscriptions = route.facts.access.subscriptions
        entries[f"subscriptions:{subscriptions.digest}"] = _subscriptions(subscriptions)
    return entries


def facts_data(route: Route) -> JsonObject:
    """What policies can know of the API and the operation, and who may call it. Equal to nobody else's, so small."""
    facts = route.facts
    if facts is None:
        raise ValueError(f"route {route.id} has no facts")
    programs = {each.product: each.program.digest if each.program else "closed" for each in route.products}
    return {
        "api": _api(facts),
        **({"operation": _operation(facts.operation)} if facts.operation is not None else {}),
        "access": _access(facts.access, programs),
        **({"contract": facts.contract} if facts.contract else {}),
        **({"mock": [_mock(each) for each in facts.mock]} if facts.mock else {}),
    }


def _programs(route: Route) -> Iterable[PolicyProgram]:
    if route.program is not None:
        yield route.program
    yield from (each.program for each in route.products if each.program is not None)


def _keys(route: Route, issuers: Mapping[str, IssuerMetadata]) -> tuple[str, JsonObject]:
    """The keys of the issuers that its programs verify tokens of, and their digest.

    An issuer whose metadata has not been seen is left out: the program then refuses every token of it.
    """
    urls = sorted({url for program in _programs(route) for url in program.issuers if url in issuers})
    keys = {url: _issuer(issuers[url]) for url in urls}
    return _digest(keys), keys


def _digest(value: JsonObject) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()[:32]


def _api(facts: Facts) -> JsonObject:
    api, access = facts.api, facts.access
    return _said(
        {
            "id": api.id,
            "name": api.name,
            "path": api.path,
            "revision": api.revision,
            "version": api.version,
            "service_url": api.service_url,
            "is_current": api.is_current_revision,
            "protocols": list(api.protocols),
            "subscription_header": access.key_header,
            "subscription_query": access.key_query,
        }
    )


def _operation(operation: OperationFacts) -> JsonObject:
    return {
        "id": operation.id,
        "name": operation.name,
        "method": operation.method,
        "url_template": operation.url_template,
    }


def _mock(answer: MockAnswer) -> JsonObject:
    return {"status": answer.status, "content_type": answer.content_type, "body": answer.body}


def _access(access: Access, programs: Mapping[str, str]) -> JsonObject:
    open_product = access.open_product
    return _said(
        {
            "required": access.subscription_required,
            "header": access.key_header.lower(),
            "query": access.key_query.lower(),
            "subscriptions": access.subscriptions.digest,
            "products": {
                each.id: _said({**_product(each), "program": programs.get(each.id)}) for each in access.products
            },
            "open": open_product.id if open_product is not None else None,
        }
    )


def _product(product: ProductFacts) -> JsonObject:
    return {
        "id": product.id,
        "name": product.name,
        "state": "Published" if product.state == "published" else "NotPublished",
        "subscription_required": product.subscription_required,
        "approval_required": product.approval_required,
        "limit": product.subscriptions_limit,
    }


def _said(fields: JsonObject) -> JsonObject:
    """Without what is not known."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


@lru_cache(maxsize=4)
def _subscriptions(subscriptions: Subscriptions) -> JsonObject:
    """By the digests of their keys. Those that are not active are left out: their keys open nothing."""
    table: JsonObject = {}
    for each in subscriptions.all:
        if each.active:
            for digest, which in ((each.secondary_digest, "secondary"), (each.primary_digest, "primary")):
                if digest:
                    table[digest] = {**_subscription(each), "which": which}
    return table


def _subscription(each: SubscriptionFacts) -> JsonObject:
    user = each.user
    return _said(
        {
            "id": each.id,
            "name": each.name,
            "scope": each.scope.value,
            "target": each.target,
            "created": each.created,
            "start": each.start,
            "end": each.end,
            "user": None
            if user is None
            else _said(
                {"id": user.id, "email": user.email, "first_name": user.first_name, "last_name": user.last_name}
            ),
        }
    )


def _issuer(metadata: IssuerMetadata) -> JsonObject:
    return {
        "issuer": metadata.issuer,
        "keys": [
            {"kid": key.kid, "algorithms": list(key.algorithms), "der": base64.b64encode(key.der).decode()}
            for key in metadata.keys
        ],
    }
