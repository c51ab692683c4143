"""TG46: rules of routes, what they refer to, and endpoints."""

from __future__ import annotations

from typing import Final

from tidegate.diagnostics.code import error, warning

EXTERNAL_NAME: Final = error("TG4601", "backend-external-name", "{route} sends to Service {service}, {what}")
BACKEND_NEEDS_TLS: Final = error(
    "TG4602",
    "backend-without-tls-policy",
    "{route} sends to port {port} of Service {service}, which speaks {protocol}, and no BackendTLSPolicy says whom "
    "to trust there",
)
PATTERN: Final = error("TG4603", "pattern-unreadable", "{route}: `{pattern}` is no pattern of RE2: {problem}")
FILTERS_CLASH: Final = error("TG4604", "filters-incompatible", "{route}: {what}")
HEADER_TWICE: Final = error(
    "TG4605", "header-changed-twice", "{route}: one filter has more than one change of header `{name}`"
)
SESSION: Final = error("TG4606", "session-persistence-unsupported", "{route}: {what}")
HEADER_MATCH_TWICE: Final = warning(
    "TG4607",
    "header-match-repeated",
    "{route}: a match of header `{name}` stands before this one, which does not count",
)
MATCH_UNREACHED: Final = warning(
    "TG4608", "match-never-reached", "{route}: rule {rule} matches what rule {other} takes already"
)
PATH_NEVER_ASKED: Final = error(
    "TG4609", "path-never-requested", "{route}: `{text}` is `{normal}`, which no request has when it is matched"
)
ENDPOINTS_PORT: Final = error(
    "TG4611", "endpoints-annotation-port", "{object}: `tidegate.dev/endpoints` names port `{port}`, which it has not"
)
ENDPOINTS_SHARED: Final = warning(
    "TG4612",
    "endpoints-annotation-shared",
    "{object}: `tidegate.dev/endpoints` does not say of which of its {count} ports; every port gets them",
)
ENDPOINT_FAMILY: Final = error(
    "TG4613", "endpoint-address-family", "{object}: `{got}` stands in a list of addresses of type {type}"
)
ENDPOINT_FORBIDDEN: Final = error(
    "TG4614", "endpoint-address-forbidden", "{object}: nothing is sent to `{got}`, which is {what}"
)
AFFINITY_OVERRULED: Final = warning(
    "TG4615",
    "session-affinity-overruled",
    "{service}: `sessionAffinity: ClientIP` is not followed, since attached policies say how requests are spread",
)

CODES: Final = (
    EXTERNAL_NAME,
    BACKEND_NEEDS_TLS,
    PATTERN,
    FILTERS_CLASH,
    HEADER_TWICE,
    SESSION,
    HEADER_MATCH_TWICE,
    MATCH_UNREACHED,
    PATH_NEVER_ASKED,
    ENDPOINTS_PORT,
    ENDPOINTS_SHARED,
    ENDPOINT_FAMILY,
    ENDPOINT_FORBIDDEN,
    AFFINITY_OVERRULED,
)
