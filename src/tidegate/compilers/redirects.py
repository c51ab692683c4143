"""HTTPRequestRedirectFilter to Envoy's redirects, and which port they write (decision 0006).

The specification counts ports without the offset at which a listener is reached, and a well-known port goes without
saying. Envoy alone would keep whatever port the request's Host header has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from tidegate.envoy import matches
from tidegate.envoy import redirects as envoy
from tidegate.envoy.redirects import WELL_KNOWN_PORTS
from tidegate.envoy.resources import JsonObject
from tidegate.envoy.rewrites import path_rewrite, prefix_rewrite
from tidegate.model import PathMatchKind, Redirect, Route

# A Host header with a port.
_HAS_PORT: Final = matches.regex_header(":authority", r".*:[0-9]+")


@dataclass(frozen=True, slots=True)
class _Variant:
    """One of Envoy's redirects, for the requests that meet the conditions."""

    to: Redirect
    """With the port to write; None writes none."""
    conditions: tuple[JsonObject, ...] = ()
    """On headers."""
    location: JsonObject | None = None
    """What becomes of Envoy's own Location."""


def redirects(route: Route, to: Redirect) -> Iterator[tuple[list[JsonObject], JsonObject]]:
    """Envoy's redirects in order, each with the conditions on headers under which it is the right one."""
    path = _path(route, to)
    for variant in _variants(to):
        this = variant.to
        action = envoy.redirect(
            status=this.status, scheme=this.scheme, hostname=this.hostname, port=this.port, path=path
        )
        location = {"response_headers_to_add": [variant.location]} if variant.location is not None else {}
        yield list(variant.conditions), {"redirect": action, **location}


def _variants(to: Redirect) -> Iterator[_Variant]:
    if to.keeps_port or (to.scheme is None and to.port is None):
        yield _with_the_requests_port(to)
    if to.scheme is not None:
        yield _without_saying(to) if to.port in (None, WELL_KNOWN_PORTS[to.scheme]) else _Variant(to)
        return
    for scheme, port in WELL_KNOWN_PORTS.items():
        if port == to.port:
            yield replace(_without_saying(to), conditions=(matches.exact_header(":scheme", scheme),))
    yield _Variant(to)


def _without_saying(to: Redirect) -> _Variant:
    """The port is the scheme's own: it is not written, and the request's is not kept."""
    return _Variant(replace(to, port=None), location=envoy.without_port() if to.hostname is None else None)


def _with_the_requests_port(to: Redirect) -> _Variant:
    """Nothing names a port: who came by another than the listener's, such as one with an offset, stays there."""
    location = None if to.hostname is None else envoy.with_hostname(to.hostname)
    return _Variant(replace(to, port=None, hostname=None), (_HAS_PORT,), location)


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
