"""What a route matches: paths, headers, query parameters, and a share of the requests."""

from __future__ import annotations

from typing import Final

from tidegate.envoy.resources import JsonObject

MILLION: Final = 1_000_000
"""Shares are counted in millionths: Envoy knows no finer ones."""


def exact_path(path: str, *, ignore_case: bool) -> JsonObject:
    """This path and no other."""
    return {"path": path, **_case(ignore_case)}


def prefix_path(prefix: str, *, ignore_case: bool) -> JsonObject:
    """This path and everything below it, by path element. `/a/` means `/a` (Gateway API, HTTPPathMatch)."""
    prefix = prefix.rstrip("/")
    return {"path_separated_prefix": prefix, **_case(ignore_case)} if prefix else {"prefix": "/"}


def regex_path(regex: str, *, ignore_case: bool) -> JsonObject:
    """The whole path, without the query (RE2)."""
    return {"safe_regex": {"regex": f"(?i){regex}" if ignore_case else regex}}


def exact_header(name: str, value: str) -> JsonObject:
    """A header, or a pseudo-header such as `:method`, with this value."""
    return {"name": name, "string_match": {"exact": value}}


def regex_header(name: str, regex: str) -> JsonObject:
    """A header whose whole value matches (RE2)."""
    return {"name": name, "string_match": {"safe_regex": {"regex": regex}}}


def present_header(name: str) -> JsonObject:
    """A header with any value."""
    return {"name": name, "present_match": True}


def exact_query(name: str, value: str) -> JsonObject:
    """A query parameter; of several with the name, Envoy looks at the first."""
    return {"name": name, "string_match": {"exact": value}}


def regex_query(name: str, regex: str) -> JsonObject:
    """A query parameter whose whole value matches (RE2)."""
    return {"name": name, "string_match": {"safe_regex": {"regex": regex}}}


def below(millionths: int) -> JsonObject:
    """The requests whose random number, the same for all routes, is below this share: for `runtime_fraction`."""
    return {"default_value": {"numerator": millionths, "denominator": "MILLION"}}


def _case(ignore_case: bool) -> JsonObject:  # noqa: FBT001 - private; the public builders take it by name
    return {"case_sensitive": False} if ignore_case else {}
