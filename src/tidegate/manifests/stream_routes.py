"""TLSRoute, TCPRoute and UDPRoute: their rules to backends by weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import routes as codes
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.references import RESOLVED, References, Verdict
from tidegate.manifests.schema.gateway_api import TCPRoute, TLSRoute, UDPRoute
from tidegate.manifests.services import Client, ServiceLookup, service_face
from tidegate.model import WeightedBackend

AnyStreamRoute: TypeAlias = Object[TLSRoute] | Object[TCPRoute] | Object[UDPRoute]


@dataclass(frozen=True, slots=True)
class StreamRule:
    """One rule, resolved."""

    index: int
    name: str
    backends: tuple[WeightedBackend, ...]
    """Empty where the route is malformed: every connection is refused."""


@dataclass(frozen=True, slots=True)
class StreamResolution:
    """All rules of a route, and what ResolvedRefs says."""

    rules: tuple[StreamRule, ...]
    resolved: Verdict = RESOLVED


def resolve_stream_route(
    manifests: Manifests,
    route: AnyStreamRoute,
    found: Found,
    *,
    passthrough: bool = False,
    service_of: ServiceLookup = service_face,
) -> StreamResolution:
    """All rules of a TLSRoute, TCPRoute or UDPRoute.

    `passthrough`: the listener does not terminate TLS, so the gateway adds none of its own towards the backend.
    """
    references = References(manifests, route, found, service_of)
    client = _client(route, passthrough=passthrough)
    rules: list[StreamRule] = []
    resolved = RESOLVED
    for index, spec in enumerate(route.body.spec.rules):
        if index and route.serves:
            # The older versions allow more rules than one, and nothing tells their connections apart.
            found.add(
                codes.MATCH_UNREACHED,
                at=route.at("spec", "rules", index),
                route=route.key,
                rule=index,
                other=0,
                help="give all backends to one rule, by weight",
            )
        backends: list[WeightedBackend] = []
        for position, reference in enumerate(spec.backend_refs if route.serves else ()):
            path = ("spec", "rules", index, "backendRefs", position)
            backend, verdict = references.resolve(reference, path, client)
            backends.append(WeightedBackend(backend, reference.weight))
            resolved = verdict if resolved is RESOLVED else resolved
        rules.append(StreamRule(index, spec.name or "", tuple(backends)))
    return StreamResolution(tuple(rules), resolved)


def _client(route: AnyStreamRoute, *, passthrough: bool) -> Client:
    if isinstance(route.body, TCPRoute):
        return Client.TCP
    if isinstance(route.body, UDPRoute):
        return Client.UDP
    return Client.PASSTHROUGH if passthrough else Client.TLS
