"""Envoy's CORS filter: what it adds to the responses of routes that turn it on.

Preflights never reach it: routes of their own answer them (compilers/cors.py), since the filter looks at no route that
answers by itself, and tells origins that it does not know which methods they could use.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tidegate.envoy.redirects import WELL_KNOWN_PORTS
from tidegate.envoy.resources import JsonObject

CORS: Final = "envoy.filters.http.cors"

ANY: Final = "*"

_TYPE: Final = "type.googleapis.com/envoy.extensions.filters.http.cors.v3"
_ORIGIN = re.compile(r"(?P<scheme>(?i:https?))://(?P<host>\[[^]]*\]|[^:/]*)(:(?P<port>[0-9]+))?")
_ANY_HOST: Final = r"(\[[^\]/]+\]|[^\[\]:/]+)"
_ANY_LABELS: Final = r"[^\[\]:/]+"


def cors_filter() -> JsonObject:
    """For the chain of every listener; routes turn it on for themselves with `cors_override`."""
    return {"name": CORS, "disabled": True, "typed_config": {"@type": f"{_TYPE}.Cors"}}


def cors_override(*, origins: Sequence[str], credentials: bool, expose: Sequence[str]) -> JsonObject:
    """What a route says whose responses scripts of other origins may read."""
    return {
        CORS: {
            "@type": f"{_TYPE}.CorsPolicy",
            "allow_origin_string_match": [{"safe_regex": {"regex": origins_regex(origins)}}],
            **({"allow_credentials": True} if credentials else {}),
            **({"expose_headers": ", ".join(expose)} if expose else {}),
        }
    }


def origins_regex(origins: Sequence[str]) -> str:
    """One pattern for all of them.

    HTTPCORSFilter.allowOrigins: `*` in a host stands for any labels, the default port may be left out, and browsers
    leave it out (RFC 6454 section 6.2).
    """
    if ANY in origins:
        return ".+"
    return "(?i)" + "|".join(dict.fromkeys(map(_origin, origins)))


def _origin(origin: str) -> str:
    match = _ORIGIN.fullmatch(origin)
    if match is None:
        raise ValueError(f"origin {origin!r} is not * and not http(s)://host[:port]")
    scheme, host, port = match["scheme"].lower(), match["host"], match["port"]
    pattern = _ANY_HOST if host == ANY else _ANY_LABELS.join(map(re.escape, host.split("*")))
    usual = WELL_KNOWN_PORTS[scheme]
    number = usual if port is None else int(port)
    end = f"(:{usual})?" if number == usual else f":{number}"
    return f"{re.escape(scheme)}://{pattern}{end}"
