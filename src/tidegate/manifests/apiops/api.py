"""One API: a route for each operation, with what its policies can know and who may call it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import apim as apim_codes
from tidegate.diagnostics.codes import manifests as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.apiops.artifacts import ApiRoutes, Artifacts
from tidegate.manifests.apiops.contract import Contract
from tidegate.manifests.apiops.layout import ApiFolder
from tidegate.manifests.apiops.schema import ApiInformation, KeyNames
from tidegate.manifests.apiops.service_url import read_service_url
from tidegate.manifests.apiops.specification import Operation, Specification
from tidegate.manifests.apiops.subscriptions import Entities, Product
from tidegate.manifests.apiops.templates import literalness, template_match
from tidegate.manifests.apiops.versions import Address, is_current
from tidegate.manifests.objects import Manifests
from tidegate.manifests.plan import Level, Precedence, ProductScopes, RoutePlan, Scope
from tidegate.manifests.routes import CLOSED
from tidegate.model import (
    Access,
    ApiFacts,
    Facts,
    Forward,
    ObjectKey,
    OperationFacts,
    PathMatch,
    PathMatchKind,
    Respond,
    Route,
    RouteMatch,
)
from tidegate.sources import Mapping as MappingNode

NAMESPACE: Final = "apim"
_ANYBODY: Final = Access(subscription_required=False)
_NOT_FOUND: Final = Respond(404, '{"statusCode":404,"message":"Resource not found"}')


@dataclass(frozen=True, eq=False)
class Api:
    """One API folder, read."""

    folder: ApiFolder
    information: ApiInformation
    specification: object
    """The Specification, or None where there is none that is understood."""
    address: Address
    also_by_revision: bool
    """Whether `;rev=N` reaches it too: where there are other revisions."""


@dataclass(frozen=True)
class ApiRouter:
    """Makes routes of APIs."""

    artifacts: Artifacts
    manifests: Manifests
    global_policy: str | None
    entities: Entities

    def inputs(self, api: Api) -> Hashable:
        """Everything that the routes of an API are made of: equal, and they are the same."""
        folder = api.folder
        return (
            folder.name,
            folder.information,
            folder.policy,
            tuple(folder.operation_policies.items()),
            folder.specification,
            api.information,
            api.specification,
            api.address,
            api.also_by_revision,
            self._forward(api),
            self.global_policy,
            self.entities.products_of(folder.id),
            self.entities.subscriptions.digest,
        )

    def routes(self, api: Api, key: Hashable) -> ApiRoutes:
        """Every operation's route; one 503 for the whole path where the API cannot be served as it says."""
        found = Found()
        routes = tuple(self._routes(api, found))
        return ApiRoutes(key, routes, found.sorted())

    def _routes(self, api: Api, found: Found) -> Iterator[RoutePlan]:
        folder, forward = api.folder, self._forward(api)
        if folder.specification is None:
            place = Span(folder.information, 1, 1, 1, 1)
            found.add(codes.APIM_SPECIFICATION_MISSING, at=place, api=f"`{folder.name}`")
        if isinstance(forward, str):
            place = self.artifacts.place(folder.information, "properties", "serviceUrl")
            found.add(codes.APIM_SERVICE_URL, at=place, api=f"`{folder.name}`", reason=forward, help=_way_out(forward))
        products = self.entities.products_of(folder.id)
        opened = [each.facts.id for each in products if not each.facts.subscription_required]
        if len(opened) > 1:
            place = Span(folder.information, 1, 1, 1, 1)
            found.add(apim_codes.OPEN_PRODUCTS, at=place, api=folder.name, count=len(opened), first=opened[0])
        for address in _addresses(api):
            if not isinstance(api.specification, Specification) or isinstance(forward, str):
                yield _closed(api, address)
                continue
            operations = api.specification.operations
            if address is api.address:
                self._check_policies(api, operations, found)
            options = {operation.template for operation in operations if operation.method == "OPTIONS"}
            made = _Operations(
                api, address, forward, self.global_policy, products, self._facts(api, address), api.specification.root
            )
            for operation in operations:
                yield made.route(operation, preflight=operation.template not in options)

    def _forward(self, api: Api) -> Forward | str:
        """Where its operations go, or what is wrong with its `serviceUrl`."""
        url = api.information.properties.service_url
        if not url:
            folder = api.folder
            if folder.policy or folder.operation_policies or any(p.policy for p in self._products(api)):
                # A policy may choose the backend or answer by itself; a request that none does answers 500.
                return Forward(())
            return "is missing, and no policy of the API could choose a backend"
        return read_service_url(url, matched=f"/{api.address.path}".rstrip("/"), manifests=self.manifests)

    def _products(self, api: Api) -> tuple[Product, ...]:
        return self.entities.products_of(api.folder.id)

    def _check_policies(self, api: Api, operations: tuple[Operation, ...], found: Found) -> None:
        known = {operation.id.lower() for operation in operations}
        for name, policy in sorted(api.folder.operation_policies.items()):
            if name.lower() not in known:
                found.add(
                    codes.APIM_OPERATION_UNKNOWN,
                    at=Span(policy, 1, 1, 1, 1),
                    api=f"`{api.folder.name}`",
                    operation=name,
                    help=did_you_mean(name, [operation.id for operation in operations]),
                )

    def _facts(self, api: Api, address: Address) -> Facts:
        properties = api.information.properties
        names = properties.subscription_key_parameter_names or KeyNames()
        facts = ApiFacts(
            id=api.folder.id,
            name=properties.display_name or api.folder.id,
            path=address.path,
            revision=api.folder.revision or properties.api_revision,
            version=address.version,
            service_url=properties.service_url or "",
            is_current_revision=is_current(api.folder, properties),
            protocols=properties.protocols,
        )
        access = Access(
            properties.subscription_required,
            names.header,
            names.query,
            tuple(product.facts for product in self._products(api)),
            self.entities.subscriptions,
        )
        return Facts(facts, None, access)


@dataclass(frozen=True)
class _Operations:
    """Makes the routes of one API's operations at one address."""

    api: Api
    address: Address
    forward: Forward
    global_policy: str | None
    products: tuple[Product, ...]
    facts: Facts
    root: MappingNode
    """The specification."""

    def route(self, operation: Operation, *, preflight: bool) -> RoutePlan:
        folder, address = self.api.folder, self.address
        policies = {name.lower(): policy for name, policy in folder.operation_policies.items()}
        match = RouteMatch(
            template_match(address.path, operation.template),
            headers=address.headers,
            method=operation.method,
            query=address.query,
        )
        own = policies.get(operation.id.lower())
        forward = self.forward
        if forward.matched_prefix is not None and address is not self.api.address:
            forward = replace(forward, matched_prefix=f"/{address.path}")
        return RoutePlan(
            Route(
                id=f"apim/{folder.name}/{operation.id}{_suffix(self.api, address)}",
                hostnames=(),
                match=match,
                action=forward,
                owner=owner_of(folder.name),
                span=operation.span,
                facts=replace(
                    self.facts,
                    operation=OperationFacts(operation.id, operation.name, operation.method, operation.template),
                ),
            ),
            (*rank_of(address), literalness(operation.template), operation.template, operation.method),
            scopes=self._scopes(None, own),
            preflight=preflight,
            products=tuple(ProductScopes(p.facts.id, self._scopes(p.policy, own)) for p in self.products),
            contract=Contract(self.root, operation.template, operation.method, operation.id),
        )

    def _scopes(self, product: str | None, operation: str | None) -> tuple[Scope, ...]:
        levels = (
            (Level.GLOBAL, self.global_policy),
            (Level.PRODUCT, product),
            (Level.API, self.api.folder.policy),
            (Level.OPERATION, operation),
        )
        return tuple(Scope(level, id_) for level, id_ in levels if id_ is not None)


def owner_of(api: str) -> ObjectKey:
    return ObjectKey("apimanagement.azure.com", "Api", NAMESPACE, api)


def rank_of(address: Address) -> Precedence:
    """The API with the longer path comes first, then the one that wants a version."""
    path = address.path
    return (-len(path.split("/")) if path else 0, path, address.rank, address.version)


@lru_cache(maxsize=4096)  # the very same one, so that nothing is made of it again
def boundary(address: Address, place: Span, global_policy: str | None) -> RoutePlan:
    """What no operation of an address takes is not looked for elsewhere. Only the global on-error sees it."""
    which = "unmatched-version" if address.headers or address.query else "unmatched"
    route = Route(
        id="/".join(part for part in ("apim", address.path, which) if part),
        hostnames=(),
        match=RouteMatch(
            PathMatch(PathMatchKind.PREFIX, f"/{address.path}", ignore_case=True),
            headers=address.headers,
            query=address.query,
        ),
        action=_NOT_FOUND,
        owner=owner_of(address.path or "unmatched"),
        span=place,
        facts=None
        if global_policy is None
        else Facts(ApiFacts("", "", address.path), None, Access(subscription_required=False)),
    )
    path = address.path
    rank = 1 if address.headers or address.query else 3
    scopes = () if global_policy is None else (Scope(Level.GLOBAL, global_policy),)
    return RoutePlan(route, (-len(path.split("/")) if path else 0, path, rank, "", "~~", "", ""), scopes=scopes)


def _closed(api: Api, address: Address) -> RoutePlan:
    route = Route(
        id=f"apim/{api.folder.name}{_suffix(api, address)}",
        hostnames=(),
        match=RouteMatch(
            PathMatch(PathMatchKind.PREFIX, f"/{address.path}", ignore_case=True),
            headers=address.headers,
            query=address.query,
        ),
        action=CLOSED,
        owner=owner_of(api.folder.name),
        span=Span(api.folder.information, 1, 1, 1, 1),
    )
    return RoutePlan(route, (*rank_of(address), "~", "", ""), closed=True)


def _addresses(api: Api) -> Iterator[Address]:
    yield api.address
    if api.also_by_revision:
        revision = api.information.properties.api_revision
        yield replace(api.address, path=f"{api.address.path};rev={revision}")


def _suffix(api: Api, address: Address) -> str:
    return "" if address is api.address else f";rev={api.information.properties.api_revision}"


def _way_out(reason: str) -> str:
    """What to do about a serviceUrl; "" where the reason says enough."""
    if reason.endswith("which does not exist"):
        return "give the folder that declares the Service as another PATH"
    if "{{" in reason:
        return "named values are for policies: write ${NAME} here, and give it with `--set NAME=...`"
    return ""
