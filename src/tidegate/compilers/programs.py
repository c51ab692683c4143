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
    PolicyProgram,
    ProductFacts,
    Route,
    SubscriptionFacts,
    Subscriptions,
)


def filter_context(route: Route, issuers: Mapping[str, IssuerMetadata], *, changes_origin: bool = False) -> JsonObject:
    """The digests by which workers cache. The route has a program.

    `changes_origin`: the route's own header changes touch Origin, so responses cannot know from it what cors decided.
    """
    if route.program is None:
        raise ValueError(f"route {route.id} has no program")
    context: JsonObject = {"program": route.program.digest, "keys_digest": _keys(route, issuers)[0]}
    if changes_origin:
        context["changes_origin"] = "yes"
    if route.facts is not None:
        context["facts"] = _digest(facts_data(route))
    return context


def route_data(route: Route) -> JsonObject:
    """The metadata of the route itself."""
    return {} if route.facts is None else {"facts": facts_data(route)}


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
        **({"operation": _operation(facts)} if facts.operation is not None else {}),
        "access": _access(facts.access, programs),
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
    api = facts.api
    return {
        "Id": api.id,
        "Name": api.name,
        "Path": api.path,
        "Revision": api.revision,
        "IsCurrentRevision": api.is_current_revision,
        **({"Version": api.version} if api.version else {}),
        **({"ServiceUrl": api.service_url} if api.service_url else {}),
        "Protocols": list(api.protocols),
    }


def _operation(facts: Facts) -> JsonObject:
    operation = facts.operation
    if operation is None:
        return {}
    return {
        "Id": operation.id,
        "Name": operation.name,
        "Method": operation.method,
        "UrlTemplate": operation.url_template,
    }


def _access(access: Access, programs: Mapping[str, str]) -> JsonObject:
    open_product = access.open_product
    return {
        "required": access.subscription_required,
        "header": access.key_header.lower(),
        "shown": access.key_header,
        "query": access.key_query,
        "subscriptions": access.subscriptions.digest,
        "products": {
            each.id: {**_product(each), **({"program": programs[each.id]} if each.id in programs else {})}
            for each in access.products
        },
        **({"open": open_product.id} if open_product is not None else {}),
    }


def _product(product: ProductFacts) -> JsonObject:
    return {
        "Id": product.id,
        "Name": product.name,
        "State": "Published" if product.state == "published" else "NotPublished",
        "SubscriptionRequired": product.subscription_required,
        "ApprovalRequired": product.approval_required,
        **({"SubscriptionLimit": product.subscriptions_limit} if product.subscriptions_limit is not None else {}),
    }


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
    dates = {"CreatedDate": each.created, "StartDate": each.start, "EndDate": each.end}
    return {
        "Id": each.id,
        "Name": each.name,
        "scope": each.scope.value,
        "target": each.target,
        **{name: value for name, value in dates.items() if value},
        **(
            {"user": {"Id": user.id, "Email": user.email, "FirstName": user.first_name, "LastName": user.last_name}}
            if user is not None
            else {}
        ),
    }


def _issuer(metadata: IssuerMetadata) -> JsonObject:
    return {
        "issuer": metadata.issuer,
        "keys": [
            {"kid": key.kid, "algorithms": list(key.algorithms), "der": base64.b64encode(key.der).decode()}
            for key in metadata.keys
        ],
    }
