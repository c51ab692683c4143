"""What each policy statement became, for `tidegate check --steps`: program by program, in the order of running."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tidegate.model import PolicyProgram, Route, World

_BY_PROGRAM: Final = "program"
_BY_ENVOY: Final = "router"
"""How the list calls who does it: the Lua program, or Envoy's router behind it."""


def step_lines(world: World) -> Iterator[str]:
    """Each program once, below all the operations and products that have it; then its statements with their places."""
    used: dict[str, tuple[PolicyProgram, list[str]]] = {}
    for gateway in world.gateways:
        for listener in gateway.listeners:
            for route in listener.routes:
                for who, program in _programs(route):
                    users = used.setdefault(program.digest, (program, []))[1]
                    if who not in users:
                        users.append(who)
    for program, users in used.values():
        yield from users
        yield from _steps(program)
        yield ""


def _programs(route: Route) -> Iterator[tuple[str, PolicyProgram]]:
    """Those that a call of the route can meet, and what to call such a call."""
    if ":preflight-" in route.id:
        return  # Its program is that of the operation beside it.
    what = f"{route.id}  ({route.match.method or 'any method'} {route.match.path.value})"
    if route.program is not None:
        yield what, route.program
    for product in route.products:
        if product.program is not None:
            yield f"{what} in product {product.product}", product.program


def _steps(program: PolicyProgram) -> Iterator[str]:
    section = ""
    for step in program.steps:
        if step.section != section:
            section = step.section
            yield f"  {section}"
        by = _BY_ENVOY if step.by_envoy else _BY_PROGRAM
        yield f"    {by:<8} {'  ' * step.depth}{step.text}  ({step.span})"
    if not program.steps:
        yield "  no statements: the backend is not called, and the answer is an empty 200"
