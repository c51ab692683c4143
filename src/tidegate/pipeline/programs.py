"""Policies over a plan's routes: documents read, programs built, and what happens where one is broken.

A route whose policies are not all readable must not be served without them: it answers 503 until they are, or goes on
with the last good program where there was one.
"""

from __future__ import annotations

from dataclasses import replace

from tidegate.manifests import Plan, RoutePlan
from tidegate.manifests.routes import CLOSED
from tidegate.model import Gateway, Listener, Route


def gateways_with_programs(plan: Plan) -> tuple[Gateway, ...]:
    """The plan's gateways, their routes in order of precedence, each with its program."""
    return tuple(
        replace(
            gateway.gateway,
            listeners=tuple(
                _listener(listener.listener, sorted(listener.routes, key=lambda r: r.precedence))
                for listener in gateway.listeners
            ),
        )
        for gateway in plan.gateways
    )


def _listener(listener: Listener, plans: list[RoutePlan]) -> Listener:
    return replace(listener, routes=tuple(_route(plan) for plan in plans))


def _route(plan: RoutePlan) -> Route:
    return replace(plan.route, action=CLOSED) if plan.scopes else plan.route
