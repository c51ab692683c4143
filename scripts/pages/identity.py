"""The part of docs/supported.md on the token service: its endpoints and grants, from the tables that serve them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from starlette.routing import BaseRoute, Route

from tidegate.identity.app import public_routes
from tidegate.identity.protocol.grants import GRANTS, KNOWN_ELSEWHERE
from tidegate.identity.service import TokenService


def render() -> str:
    """Endpoints, then grants."""
    # Making the routes asks nothing of the service; only requests do.
    routes = public_routes(cast("TokenService", None))
    return f"{endpoints(routes)}\n{grants(GRANTS, KNOWN_ELSEWHERE)}"


def endpoints(routes: Iterable[BaseRoute]) -> str:
    """The public paths in the order in which they are matched."""
    paths = [route.path for route in routes if isinstance(route, Route)]
    lines = ["| endpoint | |", "| --- | --- |"]
    for path in paths:
        refused = path.endswith("/authorize")
        lines.append(f"| `{path}` | {'no: every request is answered with AADSTS70005' if refused else 'yes'} |")
    return "\n".join([*lines, ""])


def grants(served: Iterable[str], known: Iterable[str]) -> str:
    """What `grant_type` may say."""
    lines = ["| grant | |", "| --- | --- |"]
    lines += [f"| `{name}` | yes |" for name in served]
    lines += [f"| `{name}` | no: answered with AADSTS70003 |" for name in sorted(known)]
    return "\n".join([*lines, ""])
