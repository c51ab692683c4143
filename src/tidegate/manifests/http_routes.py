"""HTTPRoute: its rules to matches and actions of the model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tidegate.diagnostics import Found
from tidegate.manifests.backends import Path, References, TlsLookup, Verdict, no_tls
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.precedence import http_rank
from tidegate.manifests.routes import (
    CLOSED,
    INVALID,
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

_NO_FILTERS: Final = BackendFilters()
_ANY: Final = (HTTPRouteMatch(),)


def resolve_http_route(
    manifests: Manifests,
    route: Object[HTTPRoute],
    found: Found,
    *,
    service_of: ServiceLookup = service_face,
    has_tls: TlsLookup = no_tls,
) -> Resolution:
    """All rules of an HTTPRoute. Looks at Services' ports, ReferenceGrants, and at nothing behind a Service."""
    references = References(manifests, route, found, service_of, has_tls)
    rules: list[Rule] = []
    verdicts: list[Verdict] = []
    invalid: list[tuple[int, Invalid]] = []
    for index, spec in enumerate(route.body.spec.rules):
        path: Path = ("spec", "rules", index)
        matches, wrong = _matches(spec, references, path)
        if not route.serves:
            rules.append(Rule(index, spec.name or "", matches, CLOSED))
            continue
        try:
            if wrong is not None:
                raise wrong
            rule, said = _rule(index, spec, matches, references)
            verdicts += said
        except Invalid as problem:
            rule = Rule(index, spec.name or "", matches, INVALID, invalid=problem.message)
            invalid.append((index, problem))
        rules.append(rule)
    return resolution(rules, verdicts, invalid)


def _rule(
    index: int, spec: HTTPRouteRule, matches: tuple[RankedMatch, ...], references: References
) -> tuple[Rule, list[Verdict]]:
    path: Path = ("spec", "rules", index)
    filters, verdicts = resolve_filters(spec.filters, references, (*path, "filters"), Client.HTTP)
    action: Action
    if filters.redirect is not None:
        action = filters.redirect
    else:
        backends = []
        for position, reference in enumerate(spec.backend_refs):
            backend, said = _backend(reference, references, (*path, "backendRefs", position))
            backends.append(backend)
            verdicts += said
        action = _forward(index, spec, tuple(backends), filters, references)
    return (
        Rule(
            index,
            spec.name or "",
            matches,
            action,
            filters.request_headers,
            filters.response_headers,
            filters.cors,
        ),
        verdicts,
    )


def _backend(reference: HTTPBackendRef, references: References, path: Path) -> tuple[WeightedBackend, list[Verdict]]:
    filters, said = resolve_filters(reference.filters, references, (*path, "filters"), Client.HTTP)
    backend, verdict = references.resolve(reference, path, Client.HTTP)
    return (
        WeightedBackend(backend, reference.weight, None if filters == _NO_FILTERS else filters),
        [verdict, *said],
    )


def _forward(
    index: int,
    spec: HTTPRouteRule,
    backends: tuple[WeightedBackend, ...],
    filters: BackendFilters,
    references: References,
) -> Forward:
    rewrite, timeouts, retry = filters.rewrite, spec.timeouts, spec.retry
    session = spec.session_persistence
    return Forward(
        backends,
        replace_prefix=rewrite.replace_prefix if rewrite else None,
        host=rewrite.hostname if rewrite else None,
        replace_path=rewrite.replace_path if rewrite else None,
        mirrors=filters.mirrors,
        timeouts=Timeouts(timeouts.request, timeouts.backend_request) if timeouts else Timeouts(),
        retry=Retry(retry.codes, retry.attempts, retry.backoff) if retry else None,
        affinity=session_persistence(
            session, references, ("spec", "rules", index, "sessionPersistence"), rule=spec.name or str(index)
        )
        if session
        else None,
    )


def _matches(spec: HTTPRouteRule, references: References, path: Path) -> tuple[tuple[RankedMatch, ...], Invalid | None]:
    """The matches that can be made, and why others cannot; without any, every request (HTTPRouteRule.matches)."""
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
    if kind is PathMatchKind.PREFIX:
        value = value.rstrip("/") or "/"  # HTTPPathMatch: a trailing slash of a prefix is ignored
    headers = header_matches(match.headers, references, (*path, "headers"))
    return RouteMatch(PathMatch(kind, value), headers, match.method, tuple(_query(match, references, path)))


def _query(match: HTTPRouteMatch, references: References, path: Path) -> Iterator[QueryMatch]:
    seen: set[str] = set()
    for index, parameter in enumerate(match.query_params):
        if parameter.name in seen:  # HTTPQueryParamMatch.name: only the first of one name counts
            continue
        seen.add(parameter.name)
        kind = ValueMatchKind(parameter.type)
        if kind is ValueMatchKind.REGEX:
            check_pattern(parameter.value, references, (*path, "queryParams", index, "value"))
        yield QueryMatch(parameter.name, parameter.value, kind)
