"""HTTPRoute: its rules to matches and actions of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tidegate.diagnostics import Found
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.precedence import http_rank
from tidegate.manifests.references import Path, References, TlsLookup, Verdict, no_tls
from tidegate.manifests.route_filters import NO_FILTERS, resolve_filters
from tidegate.manifests.route_matches import check_pattern, header_matches, normal_path, session_persistence
from tidegate.manifests.routes import INVALID, Invalid, Matches, RankedMatch, Resolution, Rule, resolve_rules
from tidegate.manifests.schema.gateway_api import HTTPBackendRef, HTTPRoute, HTTPRouteMatch, HTTPRouteRule
from tidegate.manifests.services import Client, ServiceLookup, service_face
from tidegate.model import (
    BackendFilters,
    Forward,
    PathMatch,
    PathMatchKind,
    QueryMatch,
    Retry,
    RouteMatch,
    Timeouts,
    ValueMatchKind,
    WeightedBackend,
)
from tidegate.model.routes import Action

_ANY: Final = (HTTPRouteMatch(),)


def resolve_http_route(
    manifests: Manifests,
    route: Object[HTTPRoute],
    found: Found,
    *,
    service_of: ServiceLookup = service_face,
    has_tls: TlsLookup = no_tls,
) -> Resolution:
    """All rules of an HTTPRoute. Looks at Services' ports and at ReferenceGrants, and at nothing behind a Service."""
    references = References(manifests, route, found, service_of, has_tls)

    def matches_of(spec: HTTPRouteRule, path: Path) -> Matches:
        return _matches(spec, references, path)

    def rule_of(index: int, spec: HTTPRouteRule, matches: tuple[RankedMatch, ...]) -> tuple[Rule, list[Verdict]]:
        return _rule(index, spec, matches, references)

    specs = route.body.spec.rules
    return resolve_rules(specs, references, matches_of=matches_of, rule_of=rule_of, invalid_action=INVALID)


def _rule(
    index: int, spec: HTTPRouteRule, matches: tuple[RankedMatch, ...], references: References
) -> tuple[Rule, list[Verdict]]:
    path: Path = ("spec", "rules", index)
    filters, verdicts = resolve_filters(spec.filters, references, (*path, "filters"), Client.HTTP)
    action: Action
    if filters.redirect is not None:
        action = filters.redirect
    else:
        backends: list[WeightedBackend] = []
        for position, reference in enumerate(spec.backend_refs):
            backend, said = _backend(reference, references, (*path, "backendRefs", position))
            backends.append(backend)
            verdicts += said
        action = _forward(index, spec, tuple(backends), filters, references)
    rule = Rule(
        index, spec.name or "", matches, action, filters.request_headers, filters.response_headers, filters.cors
    )
    return rule, verdicts


def _backend(reference: HTTPBackendRef, references: References, path: Path) -> tuple[WeightedBackend, list[Verdict]]:
    filters, said = resolve_filters(reference.filters, references, (*path, "filters"), Client.HTTP)
    backend, verdict = references.resolve(reference, path, Client.HTTP)
    own = None if filters == NO_FILTERS else filters
    return WeightedBackend(backend, reference.weight, own), [verdict, *said]


def _forward(
    index: int,
    spec: HTTPRouteRule,
    backends: tuple[WeightedBackend, ...],
    filters: BackendFilters,
    references: References,
) -> Forward:
    rewrite, timeouts, retry = filters.rewrite, spec.timeouts, spec.retry
    path: Path = ("spec", "rules", index, "sessionPersistence")
    return Forward(
        backends,
        replace_prefix=rewrite.replace_prefix if rewrite else None,
        host=rewrite.hostname if rewrite else None,
        replace_path=rewrite.replace_path if rewrite else None,
        mirrors=filters.mirrors,
        timeouts=Timeouts(timeouts.request, timeouts.backend_request) if timeouts else Timeouts(),
        retry=Retry(retry.codes, retry.attempts, retry.backoff) if retry else None,
        affinity=session_persistence(spec.session_persistence, references, path, rule=spec.name or str(index)),
    )


def _matches(spec: HTTPRouteRule, references: References, path: Path) -> Matches:
    """Without any, every request (HTTPRouteRule.matches)."""
    matches: list[RankedMatch] = []
    wrong: Invalid | None = None
    for position, match in enumerate(spec.matches or _ANY):
        try:
            made = _match(match, references, (*path, "matches", position))
        except Invalid as problem:
            wrong = wrong or problem
        else:
            matches.append(RankedMatch(made, http_rank(made)))
    return tuple(matches), wrong


def _match(match: HTTPRouteMatch, references: References, path: Path) -> RouteMatch:
    kind, value = PathMatchKind(match.path.type), match.path.value
    if kind is PathMatchKind.REGEX:
        check_pattern(value, references, (*path, "path", "value"))
    else:
        value = normal_path(value, references, (*path, "path", "value"))
    if kind is PathMatchKind.PREFIX:
        value = value.rstrip("/") or "/"  # HTTPPathMatch: a trailing slash of a prefix is ignored
    headers = header_matches(match.headers, references, (*path, "headers"))
    return RouteMatch(PathMatch(kind, value), headers, match.method, tuple(_query(match, references, path)))


def _query(match: HTTPRouteMatch, references: References, path: Path) -> Iterator[QueryMatch]:
    """The schema has each name once."""
    for index, parameter in enumerate(match.query_params):
        kind = ValueMatchKind(parameter.type)
        if kind is ValueMatchKind.REGEX:
            check_pattern(parameter.value, references, (*path, "queryParams", index, "value"))
        yield QueryMatch(parameter.name, parameter.value, kind)
