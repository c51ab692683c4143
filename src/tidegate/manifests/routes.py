"""One rule of an HTTPRoute to routes of the model."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.manifests.backends import Backends
from tidegate.manifests.objects import Object
from tidegate.manifests.schema.gateway_api import HTTPHeaderFilter, HTTPRoute, HTTPRouteMatch, HTTPRouteRule
from tidegate.model import (
    Forward,
    HeaderChange,
    HeaderChanges,
    HeaderMatch,
    PathMatch,
    PathMatchKind,
    Respond,
    RouteMatch,
)

CLOSED = Respond(503, '{"statusCode":503,"message":"Service Unavailable"}')
"""The answer of what is not accepted (design section 2)."""


def action_of(route: Object[HTTPRoute], index: int, backends: Backends) -> tuple[Forward, str]:
    """Where a rule sends its requests, and the first reason why a reference does not resolve."""
    weighted = []
    reason = "ResolvedRefs"
    for position, reference in enumerate(route.body.spec.rules[index].backend_refs):
        path = ("spec", "rules", index, "backendRefs", position)
        backend, said = backends.resolve(route, reference, path)
        weighted.append(backend)
        if reason == "ResolvedRefs":
            reason = said
    return Forward(tuple(weighted)), reason


def matches_of(rule: HTTPRouteRule) -> Iterator[RouteMatch]:
    """The rule's matches; without any, every request (HTTPRouteRule: prefix match on "/")."""
    for match in rule.matches or (HTTPRouteMatch(),):
        headers: dict[str, str] = {}
        for header in match.headers:
            # HTTPHeaderMatch.name: of entries with equivalent names only the first counts.
            headers.setdefault(header.name.lower(), header.value)
        value = match.path.value
        if match.path.type == "PathPrefix":
            value = value.rstrip("/") or "/"  # HTTPPathMatch: a trailing slash of a prefix is ignored
        yield RouteMatch(
            PathMatch(PathMatchKind(match.path.type), value),
            tuple(HeaderMatch(name, text) for name, text in headers.items()),
            match.method,
        )


def header_changes(rule: HTTPRouteRule) -> tuple[HeaderChanges, HeaderChanges]:
    """Changes of the request's and of the response's headers."""
    request = next((f.request_header_modifier for f in rule.filters if f.request_header_modifier), None)
    response = next((f.response_header_modifier for f in rule.filters if f.response_header_modifier), None)
    return _changes(request), _changes(response)


def _changes(filter_: HTTPHeaderFilter | None) -> HeaderChanges:
    if filter_ is None:
        return HeaderChanges()
    return HeaderChanges(
        tuple(HeaderChange(h.name, h.value) for h in filter_.set),
        tuple(HeaderChange(h.name, h.value) for h in filter_.add),
        tuple(filter_.remove),
    )
