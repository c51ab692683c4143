"""What a route of the model matches, in Envoy's words."""

from __future__ import annotations

import re
from typing import Final

from tidegate.envoy import matches as envoy
from tidegate.envoy.resources import JsonObject
from tidegate.model import HeaderMatch, PathMatch, PathMatchKind, QueryMatch, RouteMatch, ValueMatchKind

# Envoy keeps the Host header under HTTP/2's name for it.
_HOST: Final = {"host": ":authority"}

# RFC 3986 section 2.3; nobody has to encode these.
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9._~-]*")

# HTML forms write a space so.
_PLUS: Final = r"|\+"


def compile_match(match: RouteMatch) -> JsonObject:
    """Envoy's match: the same conditions, all of which must hold."""
    headers = [_header(header) for header in match.headers]
    if match.method is not None:
        headers.insert(0, envoy.exact_header(":method", match.method))
    return {
        **_path(match.path),
        **({"headers": headers} if headers else {}),
        **({"query_parameters": [_query(one) for one in match.query]} if match.query else {}),
        **({"grpc": {}} if match.grpc else {}),
    }


def _path(path: PathMatch) -> JsonObject:
    match path.kind:
        case PathMatchKind.EXACT:
            return envoy.exact_path(path.value, ignore_case=path.ignore_case)
        case PathMatchKind.PREFIX:
            return envoy.prefix_path(path.value, ignore_case=path.ignore_case)
        case PathMatchKind.REGEX:
            return envoy.regex_path(path.value, ignore_case=path.ignore_case)


def _header(header: HeaderMatch) -> JsonObject:
    name = _HOST.get(header.name, header.name)
    if header.kind is ValueMatchKind.REGEX:
        return envoy.regex_header(name, header.value)
    return envoy.exact_header(name, header.value)


def _query(query: QueryMatch) -> JsonObject:
    if query.kind is ValueMatchKind.REGEX:
        return envoy.regex_query(query.name, query.value)
    if _UNRESERVED.fullmatch(query.value):
        return envoy.exact_query(query.name, query.value)
    return envoy.regex_query(query.name, "".join(map(_encoded, query.value)))


def _encoded(character: str) -> str:
    """A pattern of its spellings in a query: Envoy compares what was sent, and clients need not agree on it."""
    if _UNRESERVED.fullmatch(character):
        return re.escape(character)
    percent = "".join(f"%{byte:02X}" for byte in character.encode())
    return f"({re.escape(character)}|(?i:{percent}){_PLUS if character == ' ' else ''})"
