"""Requests of one client to one endpoint: by state that the client keeps, or by a hash of its cookie."""

from __future__ import annotations

from typing import Final

from tidegate.envoy.durations import seconds
from tidegate.envoy.resources import JsonObject

STATEFUL_SESSION: Final = "envoy.filters.http.stateful_session"

_TYPE: Final = "type.googleapis.com/envoy.extensions.filters.http.stateful_session.v3"

# GEP-1619 would rather have Strict. But then a link from elsewhere, such as back from a login page, would come without
# the cookie, be given another, and so end the session that it belongs to.
_SAME_SITE: Final = "Lax"


def session_filter() -> JsonObject:
    """For the chain of every listener; routes turn it on for themselves with `session_override`."""
    return {"name": STATEFUL_SESSION, "disabled": True, "typed_config": {"@type": f"{_TYPE}.StatefulSession"}}


def cookie_session(name: str, *, path: str, lifetime_s: float | None, secure: bool) -> JsonObject:
    """What a route says whose clients keep their endpoint in a cookie."""
    return _override(
        "envoy.http.stateful_session.cookie",
        {
            "@type": "type.googleapis.com/envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState",
            "cookie": {
                "name": name,
                "path": path,
                **({"ttl": seconds(lifetime_s)} if lifetime_s is not None else {}),
                "attributes": _attributes(secure=secure),
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


def cookie_hash(name: str) -> JsonObject:
    """A hash policy: by a cookie that somebody else gives."""
    return {"cookie": {"name": name}}


def managed_cookie_hash(name: str, *, lifetime_s: float | None, secure: bool) -> JsonObject:
    """A hash policy: by a cookie that Envoy gives to clients that have none."""
    return {
        "cookie": {
            "name": name,
            # Zero: until the browser closes.
            "ttl": seconds(lifetime_s or 0),
            "path": "/",
            "attributes": _attributes(secure=secure),
        }
    }


def set_cookie(name: str, value: str, *, path: str, lifetime_s: float | None, secure: bool) -> str:
    """A Set-Cookie header like those that Envoy makes."""
    age = [] if lifetime_s is None else [f"Max-Age={lifetime_s:.0f}"]
    said = ["Secure"] if secure else []
    return "; ".join([f"{name}={value}", *age, f"Path={path}", f"SameSite={_SAME_SITE}", *said, "HttpOnly"])


def _attributes(*, secure: bool) -> list[JsonObject]:
    """Envoy adds HttpOnly by itself."""
    return [{"name": "SameSite", "value": _SAME_SITE}, *([{"name": "Secure"}] if secure else [])]


def _override(name: str, state: JsonObject) -> JsonObject:
    return {
        STATEFUL_SESSION: {
            "@type": f"{_TYPE}.StatefulSessionPerRoute",
            "stateful_session": {"session_state": {"name": name, "typed_config": state}},
        }
    }
