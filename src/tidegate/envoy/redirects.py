"""Redirects in Envoy's shape."""

from __future__ import annotations

from typing import Final

from tidegate.envoy.resources import JsonObject
from tidegate.envoy.routes import formatted_header

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


def without_port() -> JsonObject:
    """Drops the port from the Location that a redirect has made."""
    return _location(r"\1\2\4")


def with_hostname(hostname: str) -> JsonObject:
    """Replaces the hostname in the Location that a redirect has made, and keeps its port."""
    return _location(rf"\1{hostname}\3\4")


def _location(substitution: str) -> JsonObject:
    # Scheme, host, port, and the rest. Envoy makes Location before it changes the headers of a response.
    pattern = r"^(https?://)(\[[^/]*\]|[^/:]*)(:[0-9]+)?(.*)$"
    formatted = f'%CEL(re.extract(response.headers["location"], r"{pattern}", r"{substitution}"))%'
    return formatted_header("location", formatted)
