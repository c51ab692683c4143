"""What Envoy answers on its own (no backend, a timeout, a header too large), in our shape: nothing of its wording.

Answers that a route or a policy asked for pass through a local reply too; they are left as they are.
"""

from __future__ import annotations

from typing import Final

from tidegate.envoy.http_filters import LUA
from tidegate.envoy.resources import JsonObject

MESSAGES: Final = {
    400: "The request could not be understood",
    403: "The request is not allowed",
    404: "Resource not found",
    408: "The request took too long to arrive",
    413: "The request body is too large",
    426: "The request needs a newer protocol version",
    429: "Too many requests",
    431: "The request headers are too large",
    500: "Internal server error",
    502: "The backend's answer could not be understood",
    503: "No backend is available",
    504: "The backend did not answer in time",
}
_OTHER: Final = "The request could not be served"

REPLY_HEADER: Final = "x-tidegate-reply"
"""Marks an answer that no backend gave, on routes with a policy program: the program takes it for a failure of its
forward-request, and removes the mark (policies/lua/README.md)."""

# Response code details by which Envoy marks a direct_response of a route and `respond` of a Lua program.
_ASKED_FOR: Final = "response.code_details in ['direct_response', 'lua_response']"


# Routes with a program have metadata for it. An expression that fails, here for want of a route, is false.
_HAS_PROGRAM: Final = f"'{LUA}' in xds.route_metadata.filter_metadata"


def local_reply_config() -> JsonObject:
    """For the HTTP connection manager. The first mapper whose condition holds is the one that counts."""
    answers = [*((f"response.code == {status}", message) for status, message in MESSAGES.items()), ("true", _OTHER)]
    marked = [_mapper(f"{condition} && {_HAS_PROGRAM}", message, mark=True) for condition, message in answers]
    return {"mappers": [*marked, *(_mapper(condition, message, mark=False) for condition, message in answers)]}


def _mapper(condition: str, message: str, *, mark: bool) -> JsonObject:
    header = {"header": {"key": REPLY_HEADER, "value": "gateway"}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
    return {
        "filter": {
            "extension_filter": {
                "name": "envoy.access_loggers.extension_filters.cel",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
                    "expression": f"{condition} && !({_ASKED_FOR})",
                },
            }
        },
        **({"headers_to_add": [header]} if mark else {}),
        "body_format_override": {
            "text_format_source": {"inline_string": f'{{"statusCode":%RESPONSE_CODE%,"message":"{message}"}}'},
            "content_type": "application/json",
        },
    }
