"""Session persistence (GEP-1619) to Envoy's stateful sessions."""

from __future__ import annotations

from tidegate.envoy.resources import JsonObject
from tidegate.envoy.sessions import cookie_session, header_session
from tidegate.model import Forward, PathMatchKind, Route, SessionPersistence


def session_override(route: Route, forward: Forward) -> JsonObject:
    """Turns the filter on where clients keep their endpoint."""
    session = forward.affinity
    if not isinstance(session, SessionPersistence):
        return {}
    if session.in_header:
        return header_session(session.name)
    return cookie_session(session.name, path=_path(route), lifetime_s=session.lifetime_s)


def _path(route: Route) -> str:
    """Two rules whose cookies have one name must not get each other's."""
    path = route.match.path
    if path.kind is PathMatchKind.REGEX:
        return "/"
    return path.value.rstrip("/") or "/"
