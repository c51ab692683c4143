"""GRPCRoute: its rules to matches and actions of the model."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics import Found
from tidegate.manifests.backends import Path, References, TlsLookup, Verdict, no_tls
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.precedence import grpc_rank
from tidegate.manifests.routes import (
    CLOSED,
    Invalid,
    RankedMatch,
    Resolution,
    Rule,
    check_pattern,
    header_matches,
    resolution,
    resolve_filters,
    session_persistence,
)
from tidegate.manifests.schema.gateway_api import (
    GRPCBackendRef,
    GRPCMethodMatch,
    GRPCRoute,
    GRPCRouteMatch,
    GRPCRouteRule,
)
from tidegate.manifests.services import Client, ServiceLookup, service_face
from tidegate.model import BackendFilters, Forward, PathMatch, PathMatchKind, RouteMatch, WeightedBackend

_NO_FILTERS: Final = BackendFilters()
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
    rules: list[Rule] = []
    verdicts: list[Verdict] = []
    invalid: list[tuple[int, Invalid]] = []
    # GRPCRouteSpec.rules may be empty: the route matches nothing then.
    for index, spec in enumerate(route.body.spec.rules):
        matches, wrong = _matches(spec, references, ("spec", "rules", index))
        if not route.serves:
            rules.append(Rule(index, spec.name or "", matches, CLOSED))
            continue
        try:
            if wrong is not None:
                raise wrong
            rule, said = _rule(index, spec, matches, references)
            verdicts += said
        except Invalid as problem:
            rule = Rule(index, spec.name or "", matches, CLOSED, invalid=problem.message)
            invalid.append((index, problem))
        rules.append(rule)
    return resolution(rules, verdicts, invalid)


def _rule(
    index: int, spec: GRPCRouteRule, matches: tuple[RankedMatch, ...], references: References
) -> tuple[Rule, list[Verdict]]:
    path: Path = ("spec", "rules", index)
    filters, verdicts = resolve_filters(spec.filters, references, (*path, "filters"), Client.GRPC)
    backends = []
    for position, reference in enumerate(spec.backend_refs):
        backend, said = _backend(reference, references, (*path, "backendRefs", position))
        backends.append(backend)
        verdicts += said
    session = spec.session_persistence
    affinity = (
        session_persistence(session, references, (*path, "sessionPersistence"), rule=spec.name or str(index))
        if session
        else None
    )
    return (
        Rule(
            index,
            spec.name or "",
            matches,
            Forward(tuple(backends), mirrors=filters.mirrors, affinity=affinity),
            filters.request_headers,
            filters.response_headers,
        ),
        verdicts,
    )


def _backend(reference: GRPCBackendRef, references: References, path: Path) -> tuple[WeightedBackend, list[Verdict]]:
    filters, said = resolve_filters(reference.filters, references, (*path, "filters"), Client.GRPC)
    backend, verdict = references.resolve(reference, path, Client.GRPC)
    return (
        WeightedBackend(backend, reference.weight, None if filters == _NO_FILTERS else filters),
        [verdict, *said],
    )


def _matches(spec: GRPCRouteRule, references: References, path: Path) -> tuple[tuple[RankedMatch, ...], Invalid | None]:
    """The matches that can be made, and why others cannot; without any, every gRPC request."""
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
    method = match.method or _EVERY_METHOD
    regex = method.type == "RegularExpression"
    if regex:
        for field, pattern in (("service", method.service), ("method", method.method)):
            check_pattern(pattern or "", references, (*path, "method", field))
    rank = grpc_rank(service=method.service or "", method=method.method or "", regex=regex, headers=len(headers))
    return RankedMatch(RouteMatch(_path(method), headers, grpc=True), rank)


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


_EVERY_METHOD: Final = GRPCMethodMatch.model_construct(type="Exact", service=None, method=None)
