"""Routes for CORS preflights: an OPTIONS request must reach the policies of the request that it asks about.

A preflight has neither the method nor the headers of that request (Fetch standard, "CORS-preflight fetch"), so a route
that wants either would never see it. It names the method in Access-Control-Request-Method, though, and that is matched.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, NamedTuple

from tidegate.manifests import RoutePlan
from tidegate.manifests.plan import Precedence
from tidegate.model import HeaderMatch, Route

_REQUEST_METHOD = "access-control-request-method"
_FEW: Final = 20
"""Sorting all is quicker where more than one of so many is new."""
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")


class Ranked(NamedTuple):
    """A route with its place among those of its listener."""

    key: tuple[Precedence, int]
    """The smaller wins."""
    plan: RoutePlan
    route: Route


def ranked(plan: RoutePlan, route: Route) -> list[Ranked]:
    """A route, followed by those for its preflights where its program answers them."""
    routes = [route]
    if plan.preflight and route.program is not None and route.program.handles_preflight:
        # They stand right behind their own: what is more specific than that one comes before all of them.
        routes += _preflights(route)
    return [Ranked((plan.precedence, index), plan, each) for index, each in enumerate(routes)]


def merged(kept: Sequence[Ranked], new: Sequence[Ranked]) -> tuple[tuple[Ranked, ...], bool]:
    """All in order of precedence, and whether two have the same one (they stay in the order of `new`).

    `kept` are in order, and no two of them have the same precedence.
    """
    if len(new) * _FEW > len(kept):
        rows = sorted((*kept, *new), key=_key)
        return tuple(rows), any(one.key == other.key for one, other in pairwise(rows))
    rows, ambiguous = list(kept), False
    for each in new:
        place = bisect_left(rows, each.key, key=_key)
        ambiguous = ambiguous or (place < len(rows) and rows[place].key == each.key)
        rows.insert(place, each)
    return tuple(rows), ambiguous


def without(rows: Sequence[Ranked], plans: Sequence[RoutePlan]) -> Sequence[Ranked]:
    """Rows in order, of which no two have the same precedence, but for those of some plans."""
    if len(plans) * _FEW > len(rows):
        gone = set(map(id, plans))
        return [each for each in rows if id(each.plan) not in gone]
    left = list(rows)
    for plan in plans:
        place = bisect_left(left, (plan.precedence, 0), key=_key)
        while place < len(left) and left[place].plan is plan:
            del left[place]
    return left


def _key(each: Ranked) -> tuple[Precedence, int]:
    return each.key


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
