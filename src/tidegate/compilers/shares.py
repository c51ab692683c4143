"""Filters of single backends: a rule becomes one route per share of its requests.

Headers and Host can change per weighted cluster of Envoy; every other filter belongs to a route. So where a backendRef
has one of those, each of the rule's backends gets a route of its own. Envoy draws one random number per request and all
routes compare it with their own bound: routes that stand one after the other with growing bounds share the requests
exactly, to the millionth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tidegate.compilers.headers import composed, without_host
from tidegate.envoy.matches import MILLION
from tidegate.envoy.resources import JsonObject
from tidegate.model import BackendFilters, Forward, HeaderChanges, Rewrite, Route, WeightedBackend


@dataclass(frozen=True, slots=True)
class Share:
    """A route with what is left of the requests below a bound."""

    route: Route
    """With no backend's filters but header changes and another Host, or with a single backend and none."""
    below: int | None = None
    """In millionths; None takes what is left."""
    conditions: tuple[JsonObject, ...] = ()
    """On more headers."""
    secure: bool = False
    """The requests come by HTTPS, so cookies that the gateway gives go back by nothing else."""


def shares(route: Route) -> tuple[Share, ...]:
    """The routes that a rule comes to, in order."""
    forward = route.action
    if not isinstance(forward, Forward):
        return (Share(route),)
    positive = [weighted for weighted in forward.backends if weighted.weight > 0]
    if not any(weighted.filters for weighted in positive):
        return (Share(route),)
    if len(positive) > 1 and not needs_routes(forward):
        return (Share(_inlined(route, forward)),)
    total, sum_, result = sum(weighted.weight for weighted in positive), 0, []
    for weighted in positive:
        sum_ += weighted.weight
        bound = None if weighted is positive[-1] else round(sum_ * MILLION / total)
        result.append(Share(folded(route, forward, weighted), bound))
    return tuple(result)


def folded(route: Route, forward: Forward, weighted: WeightedBackend) -> Route:
    """The route of one backend alone, with its filters behind those of the rule."""
    filters = weighted.filters or BackendFilters()
    request, response = _changes(route, filters)
    route = replace(route, request_headers=request, response_headers=response, cors=filters.cors or route.cors)
    if filters.redirect is not None:
        return replace(route, action=filters.redirect)
    forward = replace(
        forward,
        backends=(replace(weighted, weight=1, filters=None),),
        mirrors=(*forward.mirrors, *filters.mirrors),
    )
    return replace(route, action=_rewritten(forward, filters.rewrite))


def _inlined(route: Route, forward: Forward) -> Route:
    """All header changes and Hosts moved to the backends: Envoy would make those of the route last."""

    def moved(weighted: WeightedBackend) -> WeightedBackend:
        filters = weighted.filters or BackendFilters()
        request, response = _changes(route, filters)
        rewrite = filters.rewrite or (Rewrite(hostname=forward.host) if forward.host is not None else None)
        return replace(weighted, filters=BackendFilters(request, response, rewrite))

    action = replace(forward, backends=tuple(map(moved, forward.backends)), host=None)
    return replace(route, request_headers=HeaderChanges(), response_headers=HeaderChanges(), action=action)


def _changes(route: Route, filters: BackendFilters) -> tuple[HeaderChanges, HeaderChanges]:
    """Of the request and of the response, the rule's and then the backend's."""
    request = route.request_headers
    if filters.rewrite is not None and filters.rewrite.hostname is not None:
        request = without_host(request)
    return (
        composed(request, filters.request_headers),
        composed(route.response_headers, filters.response_headers),
    )


def needs_routes(forward: Forward) -> bool:
    """Whether some backend's filters can do their work only on a route of its own."""
    return any(weighted.weight > 0 and _needs_a_route(weighted.filters) for weighted in forward.backends)


def _rewritten(forward: Forward, rewrite: Rewrite | None) -> Forward:
    if rewrite is None:
        return forward
    if rewrite.hostname is not None:
        forward = replace(forward, host=rewrite.hostname)
    if rewrite.replace_path is not None:
        return replace(forward, replace_path=rewrite.replace_path, replace_prefix=None, matched_prefix=None)
    if rewrite.replace_prefix is not None:
        return replace(forward, replace_prefix=rewrite.replace_prefix, replace_path=None, matched_prefix=None)
    return forward


def _needs_a_route(filters: BackendFilters | None) -> bool:
    if filters is None:
        return False
    rewrites_path = filters.rewrite is not None and (
        filters.rewrite.replace_path is not None or filters.rewrite.replace_prefix is not None
    )
    return rewrites_path or filters.redirect is not None or bool(filters.mirrors) or filters.cors is not None
