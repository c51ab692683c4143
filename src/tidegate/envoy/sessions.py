"""Requests of one client to one endpoint: by state that the client keeps, or by a hash of its cookie."""

from __future__ import annotations

from typing import Final

from tidegate.envoy.durations import seconds
from tidegate.envoy.resources import JsonObject

STATEFUL_SESSION: Final = "envoy.filters.http.stateful_session"

_TYPE: Final = "type.googleapis.com/envoy.extensions.filters.http.stateful_session.v3"

# Envoy adds HttpOnly by itself. Lax: a link from elsewhere still finds its session, a foreign form does not.
_ATTRIBUTES: Final = ({"name": "SameSite", "value": "Lax"},)


def session_filter() -> JsonObject:
    """For the chain of every listener; routes turn it on for themselves with `session_override`."""
    return {"name": STATEFUL_SESSION, "disabled": True, "typed_config": {"@type": f"{_TYPE}.StatefulSession"}}


def cookie_session(name: str, *, path: str, lifetime_s: float | None) -> JsonObject:
    """What a route says whose clients keep their endpoint in a cookie."""
    return _override(
        "envoy.http.stateful_session.cookie",
        {
            "@type": "type.googleapis.com/envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState",
            "cookie": {
                "name": name,
                "path": path,
                **({"ttl": seconds(lifetime_s)} if lifetime_s is not None else {}),
                "attributes": list(_ATTRIBUTES),
            },
        },
    )


def header_session(name: str) -> JsonObject:
    """What a route says whose clients keep their endpoint in a header."""
    return _override(
        "envoy.http.stateful_session.header",
        {
            "@type": "type.googleapis.com/envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState",
            "name": name,
        },
    )


def cookie_hash(name: str, *, lifetime_s: float | None, managed: bool) -> JsonObject:
    """A hash policy. `managed`: Envoy gives a cookie to clients that have none."""
    if not managed:
        return {"cookie": {"name": name}}
    return {
        "cookie": {
            "name": name,
            # Zero: until the browser closes.
            "ttl": seconds(lifetime_s or 0),
            "path": "/",
            "attributes": list(_ATTRIBUTES),
        }
    }


def _override(name: str, state: JsonObject) -> JsonObject:
    return {
        STATEFUL_SESSION: {
            "@type": f"{_TYPE}.StatefulSessionPerRoute",
            "stateful_session": {"session_state": {"name": name, "typed_config": state}},
        }
    }
