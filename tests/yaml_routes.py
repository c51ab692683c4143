"""What routes of YAML worlds may say beyond matches and weights; see yaml_worlds.

a match also has: query: {name: value | {regex: ...}}, grpc: true; header values may be {regex: ...} too
a route also has: cors: {allow_origins: [...], ...}, filters: {cart: {...}} by the name in `to`, redirect: {scheme: ...}
a forward also has: replace_path, mirrors: [{to: cart, numerator: 1}], timeouts: {request_s: 1}, retry: {codes: [500]},
                    session: {name: ...}, cookie_hash: {name: ...}
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tidegate.model import (
    Backend,
    BackendFilters,
    CookieHash,
    Cors,
    Forward,
    HeaderChange,
    HeaderChanges,
    HeaderMatch,
    Mirror,
    QueryMatch,
    Redirect,
    Retry,
    Rewrite,
    RouteMatch,
    SessionPersistence,
    Timeouts,
    ValueMatchKind,
)

_FORWARDS = ("replace_prefix", "matched_prefix", "replace_path", "host")


def read_match(match: RouteMatch, given: dict[str, Any]) -> RouteMatch:
    """The match with its headers, query parameters and gRPC."""
    headers = tuple(HeaderMatch(name, *_value(one)) for name, one in given.pop("headers", {}).items())
    query = tuple(QueryMatch(name, *_value(one)) for name, one in given.pop("query", {}).items())
    return replace(match, headers=headers, query=query, grpc=given.pop("grpc", False))


def read_forward(forward: Forward, names: list[str], given: dict[str, Any], services: dict[str, Backend]) -> Forward:
    """The forward action with what else happens on the way. `names` are those of its backends."""
    more: dict[str, Any] = {key: given.pop(key) for key in _FORWARDS if key in given}
    if "mirrors" in given:
        more["mirrors"] = _mirrors(given.pop("mirrors"), services)
    if "timeouts" in given:
        more["timeouts"] = Timeouts(**given.pop("timeouts"))
    if "retry" in given:
        more["retry"] = Retry(**_tuples(given.pop("retry")))
    for key, kind in (("session", SessionPersistence), ("cookie_hash", CookieHash)):
        if key in given:
            more["affinity"] = kind(**given.pop(key))
    filters = {name: _filters(one, services) for name, one in given.pop("filters", {}).items()}
    backends = tuple(
        replace(weighted, filters=filters.get(name)) for name, weighted in zip(names, forward.backends, strict=True)
    )
    return replace(forward, backends=backends, **more)


def read_cors(given: dict[str, Any]) -> Cors:
    """Names are the model's."""
    return Cors(**_tuples(given))


def read_changes(given: dict[str, Any]) -> HeaderChanges:
    """`{set: {name: value}, add: {name: value}, remove: [name]}`; unknown keys fail."""

    def pairs(key: str) -> tuple[HeaderChange, ...]:
        return tuple(HeaderChange(name, value) for name, value in given.pop(key, {}).items())

    made = HeaderChanges(set=pairs("set"), add=pairs("add"), remove=tuple(given.pop("remove", ())))
    if given:
        raise ValueError(f"unknown keys {sorted(given)}")
    return made


def _filters(given: dict[str, Any], services: dict[str, Backend]) -> BackendFilters:
    kinds: dict[str, Any] = {
        "request_headers": read_changes,
        "response_headers": read_changes,
        "rewrite": lambda one: Rewrite(**one),
        "redirect": lambda one: Redirect(**one),
        "mirrors": lambda one: _mirrors(one, services),
        "cors": read_cors,
    }
    return BackendFilters(**{key: kinds[key](one) for key, one in given.items()})


def _mirrors(given: list[dict[str, Any]], services: dict[str, Backend]) -> tuple[Mirror, ...]:
    return tuple(Mirror(services[one.pop("to")].id, **one) for one in given)


def _value(given: str | dict[str, str]) -> tuple[str, ValueMatchKind]:
    if isinstance(given, str):
        return given, ValueMatchKind.EXACT
    return given["regex"], ValueMatchKind.REGEX


def _tuples(given: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
