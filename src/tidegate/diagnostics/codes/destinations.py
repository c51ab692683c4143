"""TG27: where policies send requests."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, warning

URL_MALFORMED: Final = error("TG2701", "url-malformed", "no request can go to `{url}`: {reason}")
CALL_WITHOUT_URL: Final = error("TG2702", "call-without-url", "`<{name}>` does not say where to")
TEMPLATE_MALFORMED: Final = error("TG2703", "rewrite-template", "`{template}` is no path with a query: {reason}")
BACKEND_NOT_NAMED: Final = error(
    "TG2704", "backend-not-named", "`<set-backend-service>` needs either `base-url` or `backend-id`"
)
BACKEND_UNKNOWN: Final = error("TG2705", "backend-unknown", "there is no backend entity `{name}`")
DESTINATION_GUARDED: Final = warning(
    "TG2706", "destination-guarded", "calls to {host} are refused when they are made, unless it is allowed or declared"
)

CODES: Final = (
    URL_MALFORMED,
    CALL_WITHOUT_URL,
    TEMPLATE_MALFORMED,
    BACKEND_NOT_NAMED,
    BACKEND_UNKNOWN,
    DESTINATION_GUARDED,
)
