"""Redirects in Envoy's shape."""

from __future__ import annotations

from typing import Final

from tidegate.envoy.resources import JsonObject

WELL_KNOWN_PORTS: Final = {"http": 80, "https": 443}

CODES: Final = {
    301: "MOVED_PERMANENTLY",
    302: "FOUND",
    303: "SEE_OTHER",
    307: "TEMPORARY_REDIRECT",
    308: "PERMANENT_REDIRECT",
}


def redirect(
    *, status: int, scheme: str | None, hostname: str | None, port: int | None, path: JsonObject
) -> JsonObject:
    """A redirect action. `path` is a rewrite, `{"path_redirect": ...}` or nothing; the query always stays."""
    return {
        **({"scheme_redirect": scheme} if scheme is not None else {}),
        **({"host_redirect": hostname} if hostname is not None else {}),
        **({"port_redirect": port} if port is not None else {}),
        **path,
        "response_code": CODES[status],
    }
