"""GRPCRoute: its rules to matches and actions of the model."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics import Found
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.precedence import grpc_rank
from tidegate.manifests.references import Path, References, TlsLookup, Verdict, no_tls
from tidegate.manifests.route_filters import NO_FILTERS, resolve_filters
from tidegate.manifests.route_matches import check_pattern, header_matches, session_persistence
from tidegate.manifests.routes import CLOSED, Invalid, Matches, RankedMatch, Resolution, Rule, resolve_rules
from tidegate.manifests.schema.gateway_api import (
    GRPCBackendRef,
    GRPCMethodMatch,
    GRPCRoute,
    GRPCRouteMatch,
    GRPCRouteRule,
)
from tidegate.manifests.services import Client, ServiceLookup, service_face
from tidegate.model import Forward, PathMatch, PathMatchKind, RouteMatch, WeightedBackend

_ANY: Final = (GRPCRouteMatch(),)
_SEGMENT: Final = "[^/]+"


def resolve_grpc_route(
    manifests: Manifests,
    route: Object[GRPCRoute],
    found: Found,
    *,
    service_of: ServiceLookup = service_face,
    has_tls: TlsLookup = no_tls,
) -> Resolution:
    """All rules of a GRPCRoute. What answers 500 to HTTP answers 503 here: to a gRPC client that is UNAVAILABLE."""
    references = References(manifests, route, found, service_of, has_tls)

    def matches_of(spec: GRPCRouteRule, path: Path) -> Matches:
        return _matches(spec, references, path)

    def rule_of(index: int, spec: GRPCRouteRule, matches: tuple[RankedMatch, ...]) -> tuple[Rule, list[Verdict]]:
        return _rule(index, spec, matches, references)

    # GRPCRouteSpec.rules may be empty: such a route matches nothing.
    specs = route.body.spec.rules
    return resolve_rules(specs, references, matches_of=matches_of, rule_of=rule_of, invalid_action=CLOSED)


def _rule(
    index: int, spec: GRPCRouteRule, matches: tuple[RankedMatch, ...], references: References
) -> tuple[Rule, list[Verdict]]:
    path: Path = ("spec", "rules", index)
    filters, verdicts = resolve_filters(spec.filters, references, (*path, "filters"), Client.GRPC)
    backends: list[WeightedBackend] = []
    for position, reference in enumerate(spec.backend_refs):
        backend, said = _backend(reference, references, (*path, "backendRefs", position))
        backends.append(backend)
        verdicts += said
    affinity = session_persistence(
        spec.session_persistence, references, (*path, "sessionPersistence"), rule=spec.name or str(index)
    )
    action = Forward(tuple(backends), mirrors=filters.mirrors, affinity=affinity)
    return Rule(index, spec.name or "", matches, action, filters.request_headers, filters.response_headers), verdicts


def _backend(reference: GRPCBackendRef, references: References, path: Path) -> tuple[WeightedBackend, list[Verdict]]:
    filters, said = resolve_filters(reference.filters, references, (*path, "filters"), Client.GRPC)
    backend, verdict = references.resolve(reference, path, Client.GRPC)
    own = None if filters == NO_FILTERS else filters
    return WeightedBackend(backend, reference.weight, own), [verdict, *said]


def _matches(spec: GRPCRouteRule, references: References, path: Path) -> Matches:
    """Without any, every gRPC request (GRPCRouteRule.matches)."""
    matches: list[RankedMatch] = []
    wrong: Invalid | None = None
    for position, match in enumerate(spec.matches or _ANY):
        try:
            matches.append(_match(match, references, (*path, "matches", position)))
        except Invalid as problem:
            wrong = wrong or problem
    return tuple(matches), wrong


def _match(match: GRPCRouteMatch, references: References, path: Path) -> RankedMatch:
    headers = header_matches(match.headers, references, (*path, "headers"))
    if match.method is None:
        rank = grpc_rank(service="", method="", regex=False, headers=len(headers))
        return RankedMatch(RouteMatch(headers=headers, grpc=True), rank)
    path_match = _path(match.method)
    if path_match.kind is PathMatchKind.REGEX:
        check_pattern(path_match.value, references, (*path, "method"))
    rank = grpc_rank(
        service=match.method.service or "",
        method=match.method.method or "",
        regex=match.method.type == "RegularExpression",
        headers=len(headers),
    )
    return RankedMatch(RouteMatch(path_match, headers, grpc=True), rank)


def _path(method: GRPCMethodMatch) -> PathMatch:
    """gRPC over HTTP/2: the path is /SERVICE/METHOD."""
    service, name = method.service or "", method.method or ""
    if method.type == "RegularExpression":
        patterns = (f"(?:{pattern})" if pattern else _SEGMENT for pattern in (service, name))
        return PathMatch(PathMatchKind.REGEX, "/" + "/".join(patterns))
    if service and name:
        return PathMatch(PathMatchKind.EXACT, f"/{service}/{name}")
    if name:
        return PathMatch(PathMatchKind.REGEX, f"/{_SEGMENT}/{name}")
    return PathMatch(PathMatchKind.PREFIX, f"/{service}")
