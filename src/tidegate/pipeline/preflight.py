"""Routes for CORS preflights: an OPTIONS request must reach the policies of the request that it asks about.

A preflight has neither the method nor the headers of that request (Fetch standard, "CORS-preflight fetch"), so a route
that wants either would never see it. It names the method in Access-Control-Request-Method, though, and that is matched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tidegate.manifests import RoutePlan
from tidegate.manifests.plan import Precedence
from tidegate.model import HeaderMatch, Route

_REQUEST_METHOD = "access-control-request-method"
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")


def with_preflights(routes: Sequence[tuple[RoutePlan, Route]]) -> tuple[Route, ...]:
    """The routes in order of precedence, each followed by those for its preflights where its program answers them."""
    ranked: list[tuple[Precedence, int, Route]] = []
    for plan, route in routes:
        ranked.append((plan.precedence, 0, route))
        if plan.preflight and route.program is not None and route.program.handles_preflight:
            ranked += [(plan.precedence, 1, each) for each in _preflights(route)]
    # A preflight route stands right behind its own: what is more specific than that one comes before both.
    return tuple(route for _, _, route in sorted(ranked, key=lambda each: each[:2]))


def _preflights(route: Route) -> list[Route]:
    match = route.match
    if match.method == "OPTIONS" or (match.method is None and not match.headers):
        return []  # the route itself takes them
    methods = _METHODS if match.method is None else (match.method,)
    return [
        replace(
            route,
            id=f"{route.id}:preflight-{method.lower()}",
            match=replace(match, method="OPTIONS", headers=(HeaderMatch(_REQUEST_METHOD, method),)),
        )
        for method in methods
    ]
