"""Which kinds of routes there are, and which of them a listener's protocol takes (Gateway API, Route summary table)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.gateway_api import (
    GROUP,
    GRPCRoute,
    HTTPRoute,
    ListenerSpec,
    ParentReference,
    TCPRoute,
    TLSRoute,
    UDPRoute,
)
from tidegate.model import ObjectKey, Protocol

AnyRoute: TypeAlias = HTTPRoute | GRPCRoute | TLSRoute | TCPRoute | UDPRoute

ROUTES: Final[Mapping[str, type[AnyRoute]]] = MappingProxyType(
    {schema.__name__: schema for schema in (GRPCRoute, HTTPRoute, TCPRoute, TLSRoute, UDPRoute)}
)
"""Every kind of route by its name, sorted."""

_TAKEN: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        Protocol.HTTP: ("GRPCRoute", "HTTPRoute"),
        Protocol.HTTPS: ("GRPCRoute", "HTTPRoute"),
        Protocol.TLS: ("TLSRoute",),
        Protocol.TCP: ("TCPRoute",),
        Protocol.UDP: ("UDPRoute",),
    }
)


def kinds_of(spec: ListenerSpec) -> tuple[str, ...]:
    """The kinds that a listener's protocol takes, sorted; none for a protocol that is not served."""
    return _TAKEN.get(spec.protocol, ())


def find_route(manifests: Manifests, key: ObjectKey) -> Object[AnyRoute] | None:
    """A route of whichever kind."""
    return manifests.get(ROUTES[key.kind], group=GROUP, namespace=key.namespace, name=key.name)


def parents_of(route: Object[AnyRoute]) -> tuple[ParentReference, ...]:
    return route.body.spec.parent_refs


def hostnames_of(route: Object[AnyRoute]) -> tuple[str, ...]:
    """The host names (for TLSRoutes: server names) that a route wants; () also for kinds that have none."""
    match route.body:
        case HTTPRoute() | GRPCRoute() | TLSRoute():
            return route.body.spec.hostnames
        case _:
            return ()
