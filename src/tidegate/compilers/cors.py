"""HTTPCORSFilter: preflights are answered by routes of their own, other responses pass Envoy's filter.

A preflight has neither the method nor the headers of the request that it asks about (Fetch standard, "CORS-preflight
fetch"): a route that wants either would never see it. It names both, though, and that is matched. No policy runs on a
preflight, since it carries nothing by which one could decide.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tidegate.compilers.matches import compile_match
from tidegate.envoy import matches as envoy
from tidegate.envoy import routes
from tidegate.envoy.cors import ANY, cors_override, origins_regex
from tidegate.envoy.resources import JsonObject
from tidegate.model import Cors, HeaderMatch, Route, RouteMatch

ORIGIN: Final = "origin"
_METHOD: Final = "access-control-request-method"
_HEADERS: Final = "access-control-request-headers"

# What browsers send with a preflight as with any request, and what they send without asking (Fetch standard,
# "CORS-safelisted request-header" and "forbidden request-header").
_SENT: Final = frozenset({"host", "user-agent", "referer", ORIGIN, "accept-encoding"})
_NOT_ASKED: Final = frozenset(
    {"accept", "accept-language", "content-language", "cookie", "connection", "content-length"}
)


def preflights(route: Route, cors: Cors) -> list[JsonObject]:
    """Two Envoy routes, to stand before `route`'s own: for origins that may ask, and for all others."""
    match = compile_match(RouteMatch(path=route.match.path, query=route.match.query, method="OPTIONS"))
    asks = [*match.get("headers", ()), _asked_method(route.match), *_asked_headers(route.match.headers)]
    answer: JsonObject = {"direct_response": routes.direct_response(204, "")}
    granted: JsonObject = {
        "name": f"{route.id}:preflight",
        "match": {**match, "headers": [*asks, from_allowed(cors)]},
        **answer,
        "response_headers_to_add": _grants(cors),
    }
    # HTTPCORSFilter.allowOrigins: a status of success without the headers, so that the browser refuses.
    refused: JsonObject = {
        "name": granted["name"],
        "match": {**match, "headers": [*asks, envoy.present_header(ORIGIN)]},
        **answer,
    }
    return [granted, refused]


def filter_override(cors: Cors) -> JsonObject:
    """Turns the filter on, for a route that forwards."""
    return cors_override(origins=cors.allow_origins, credentials=cors.allow_credentials, expose=_exposed(cors))


def from_allowed(cors: Cors) -> JsonObject:
    """Matches requests of the origins that may read responses."""
    return envoy.regex_header(ORIGIN, origins_regex(cors.allow_origins))


def response_headers(cors: Cors) -> list[JsonObject]:
    """What Envoy's filter would add, for routes that answer by themselves: it looks at none of these."""
    return [*_origin(cors), *_exposes(cors)]


def varies() -> JsonObject:
    """Caches must not hand one origin's response to another (Fetch standard, "CORS protocol and HTTP caches")."""
    return routes.literal_header("vary", "Origin", append=True)


def exposes_too_much(cors: Cors) -> bool:
    """Whether it asks for what browsers do not do."""
    return cors.allow_credentials and ANY in cors.expose_headers


def _exposed(cors: Cors) -> Sequence[str]:
    """HTTPCORSFilter.exposeHeaders: `*` means every header only where no credentials are allowed."""
    if not cors.allow_credentials:
        return (ANY,) if ANY in cors.expose_headers else cors.expose_headers
    return [name for name in cors.expose_headers if name != ANY]


def _exposes(cors: Cors) -> list[JsonObject]:
    exposed = _exposed(cors)
    return [routes.literal_header("access-control-expose-headers", ", ".join(exposed))] if exposed else []


def _grants(cors: Cors) -> list[JsonObject]:
    return [
        *_origin(cors),
        *_listed("access-control-allow-methods", cors.allow_methods, asked=_METHOD),
        *_listed("access-control-allow-headers", cors.allow_headers, asked=_HEADERS),
        # Browsers read it from the response itself; HTTPCORSFilter.exposeHeaders makes no difference between the two.
        *_exposes(cors),
        routes.literal_header("access-control-max-age", str(cors.max_age_s)),
        varies(),
    ]


def _origin(cors: Cors) -> list[JsonObject]:
    return [
        routes.formatted_header("access-control-allow-origin", f"%REQ({ORIGIN})%"),
        *([routes.literal_header("access-control-allow-credentials", "true")] if cors.allow_credentials else []),
    ]


def _listed(name: str, values: Sequence[str], *, asked: str) -> list[JsonObject]:
    """`*` is answered with what the preflight asks for: browsers take the star itself only without credentials."""
    if not values:
        return []
    if ANY in values:
        return [routes.formatted_header(name, f"%REQ({asked})%", keep_empty=False)]
    return [routes.literal_header(name, ", ".join(values))]


def _asked_method(match: RouteMatch) -> JsonObject:
    return envoy.present_header(_METHOD) if match.method is None else envoy.exact_header(_METHOD, match.method)


def _asked_headers(headers: Sequence[HeaderMatch]) -> list[JsonObject]:
    asked = [header for header in headers if header.name not in _SENT | _NOT_ASKED]
    sent = compile_match(RouteMatch(headers=tuple(header for header in headers if header.name in _SENT)))
    listed = [envoy.regex_header(_HEADERS, rf"(?i)(.*[,\s])?{re.escape(header.name)}([,\s].*)?") for header in asked]
    return [*sent.get("headers", ()), *listed]
