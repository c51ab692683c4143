"""HTTPRequestRedirectFilter to Envoy's redirects (decision 0006)."""

from __future__ import annotations

from typing import Final

from tidegate.envoy import matches as envoy
from tidegate.envoy.redirects import WELL_KNOWN_PORTS, redirect
from tidegate.envoy.resources import JsonObject
from tidegate.envoy.rewrites import path_rewrite, prefix_rewrite
from tidegate.model import PathMatchKind, Redirect, Route

# A Host header with a port.
_WITH_PORT: Final = envoy.regex_header(":authority", r".*:[0-9]+")


def redirects(route: Route, to: Redirect) -> list[tuple[list[JsonObject], JsonObject]]:
    """Envoy's redirects, each with conditions on headers that make it the right one; the last has none."""
    path = _path(route, to)
    return [
        (conditions, redirect(status=to.status, scheme=to.scheme, hostname=to.hostname, port=port, path=path))
        for conditions, port in _ports(to)
    ]


def _ports(to: Redirect) -> list[tuple[list[JsonObject], int | None]]:
    """The port to write, if any: a well-known one goes without saying (HTTPRequestRedirectFilter.port)."""
    if to.scheme is None:
        return _ports_of_any_scheme(to)
    usual = WELL_KNOWN_PORTS.get(to.scheme)
    port = usual if to.port is None else to.port
    if port != usual or to.hostname is not None:
        return [([], None if port == usual else port)]
    # Envoy would keep the port of the request's Host header, which is the other scheme's.
    return [([_WITH_PORT], port), ([], None)]


def _ports_of_any_scheme(to: Redirect) -> list[tuple[list[JsonObject], int | None]]:
    schemes = [scheme for scheme, port in WELL_KNOWN_PORTS.items() if port == to.port]
    if not schemes:
        return [([], to.port)]
    same = envoy.exact_header(":scheme", schemes[0])
    if to.hostname is not None:
        return [([same], None), ([], to.port)]
    return [([same, {**_WITH_PORT, "invert_match": True}], None), ([], to.port)]


def _path(route: Route, to: Redirect) -> JsonObject:
    if to.replace_path is not None:
        return {"path_redirect": to.replace_path or "/"}
    if to.replace_prefix is None:
        return {}
    path = route.match.path
    if path.kind is PathMatchKind.PREFIX:
        return prefix_rewrite(path.value, to.replace_prefix)
    if path.kind is PathMatchKind.EXACT:
        return path_rewrite(path.value, to.replace_prefix, ignore_case=path.ignore_case)
    raise ValueError(f"route {route.id}: replace_prefix has no prefix to replace, since the match is {path.kind}")
