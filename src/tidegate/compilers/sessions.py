"""Session persistence (GEP-1619) and affinity by cookie, to Envoy's stateful sessions and hash policies.

Both find an endpoint within one backend. Where a rule has several, a second cookie remembers which: persistence goes
before weights, and a backend whose weight has become 0 keeps its sessions.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tidegate.compilers.clusters import cluster_name
from tidegate.compilers.shares import Share, folded, needs_routes, shares
from tidegate.envoy.matches import exact_header, regex_header
from tidegate.envoy.resources import JsonObject
from tidegate.envoy.sessions import cookie_hash, cookie_session, header_session, managed_cookie_hash, set_cookie
from tidegate.model import (
    BackendFilters,
    BackendId,
    CookieHash,
    ExternalBackend,
    Forward,
    HeaderChange,
    PathMatchKind,
    Route,
    SessionPersistence,
    WeightedBackend,
)

# What may stand in a cookie's Path without ending it.
_COOKIE_PATH: Final = re.compile(r"/[A-Za-z0-9/_.~%+@=-]*")

# What every path that a pattern matches begins with, by whole elements; alternatives may have nothing in common.
_LITERAL: Final = re.compile(r"(/[A-Za-z0-9_~%@=-]+)+(?=/[^|]*$)")

_BY_HTTPS: Final = exact_header(":scheme", "https")


def split_by_session(route: Route) -> Iterator[Share]:
    """The routes that a rule comes to, in order: where the gateway gives cookies, those by HTTPS are of their own."""
    if not _gives_cookies(route):
        yield from shares(route)
        return
    for secure in (True, False):
        scheme = (_BY_HTTPS,) if secure else ()
        for share in (*_remembered(route), *shares(_remembering(route, secure=secure))):
            yield replace(share, conditions=(*scheme, *share.conditions), secure=secure)


def session_override(route: Route, forward: Forward, *, secure: bool) -> JsonObject:
    """Turns the filter on where clients keep their endpoint."""
    session = forward.affinity
    if not isinstance(session, SessionPersistence):
        return {}
    if session.in_header:
        return header_session(session.name)
    return cookie_session(session.name, path=_path(route), lifetime_s=session.lifetime_s, secure=secure)


def hash_policy(forward: Forward, *, secure: bool) -> JsonObject:
    """By what a ring of endpoints is asked."""
    affinity = forward.affinity
    if not isinstance(affinity, CookieHash):
        return {}
    if affinity.managed:
        return {"hash_policy": [managed_cookie_hash(affinity.name, lifetime_s=affinity.lifetime_s, secure=secure)]}
    return {"hash_policy": [cookie_hash(affinity.name)]}


def remembers_backend(route: Route) -> bool:
    """Whether a cookie of ours says which of several backends a session belongs to."""
    forward = route.action
    if not isinstance(forward, Forward) or len(known_backends(forward)) < 2:
        return False
    match forward.affinity:
        case SessionPersistence(in_header=in_header):
            return not in_header
        case CookieHash(managed=managed):
            # An application's own cookie chooses between weighted clusters too, but not between routes.
            return managed or needs_routes(forward)
        case _:
            return False


def known_backends(forward: Forward) -> set[BackendId | ExternalBackend]:
    """Those that resolve, whatever their weights."""
    return {weighted.backend for weighted in forward.backends if weighted.backend is not None}


def splits_sessions(forward: Forward) -> SessionPersistence | None:
    """A session that knows its endpoint, but not of which backend it is."""
    session = forward.affinity
    if isinstance(session, SessionPersistence) and session.in_header and len(known_backends(forward)) > 1:
        return session
    return None


def _gives_cookies(route: Route) -> bool:
    affinity = route.action.affinity if isinstance(route.action, Forward) else None
    kept = isinstance(affinity, SessionPersistence) and not affinity.in_header
    managed = isinstance(affinity, CookieHash) and affinity.managed
    return kept or managed or remembers_backend(route)


def _remembered(route: Route) -> Iterator[Share]:
    """Before all other routes of a rule: one per backend, for the sessions that are its own."""
    forward = route.action
    if isinstance(forward, Forward) and remembers_backend(route):
        seen: set[BackendId | ExternalBackend] = set()
        for weighted in forward.backends:
            backend = weighted.backend
            if backend is not None and backend not in seen:
                seen.add(backend)
                yield Share(folded(route, forward, weighted), conditions=(_says(forward, backend),))


def _remembering(route: Route, *, secure: bool) -> Route:
    """The route with responses that say which backend gave them."""
    forward = route.action
    if not isinstance(forward, Forward) or not remembers_backend(route):
        return route
    backends = tuple(_remembered_by(route, forward, weighted, secure=secure) for weighted in forward.backends)
    return replace(route, action=replace(forward, backends=backends))


def _remembered_by(route: Route, forward: Forward, weighted: WeightedBackend, *, secure: bool) -> WeightedBackend:
    if weighted.backend is None or forward.affinity is None:
        return weighted
    lifetime_s = forward.affinity.lifetime_s
    cookie = set_cookie(
        _cookie(forward), _mark(weighted.backend), path=_path(route), lifetime_s=lifetime_s, secure=secure
    )
    filters = weighted.filters or BackendFilters()
    changes = filters.response_headers
    changes = replace(changes, add=(*changes.add, HeaderChange("set-cookie", cookie)))
    return replace(weighted, filters=replace(filters, response_headers=changes))


def _says(forward: Forward, backend: BackendId | ExternalBackend) -> JsonObject:
    cookie = re.escape(f"{_cookie(forward)}={_mark(backend)}")
    return regex_header("cookie", rf"(.*;\s*)?{cookie}(\s*;.*)?")


def _cookie(forward: Forward) -> str:
    return f"{forward.affinity.name}-backend" if forward.affinity is not None else ""


def _mark(backend: BackendId | ExternalBackend) -> str:
    """Names nobody outside needs to know."""
    return hashlib.sha256(cluster_name(backend).encode()).hexdigest()[:12]


def _path(route: Route) -> str:
    """Two rules whose cookies have one name must not get each other's."""
    path = route.match.path
    value = _LITERAL.match(path.value) if path.kind is PathMatchKind.REGEX else _COOKIE_PATH.fullmatch(path.value)
    return (value[0].rstrip("/") if value is not None else "") or "/"
