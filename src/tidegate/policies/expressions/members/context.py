"""`context` and what it leads to: the request, the response, variables, the last error, and Jwt.

Source: the page "API Management policy expressions".
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.row import INDEXER, MemberRow
from tidegate.policies.expressions.types import (
    BOOL,
    CLAIMS,
    CONTEXT,
    INT,
    JWT,
    LAST_ERROR,
    OBJECT,
    REQUEST,
    REQUEST_HEADERS,
    RESPONSE,
    RESPONSE_HEADERS,
    STRING,
    STRING_ARRAY,
    STRINGS,
    URL,
    VARIABLES,
    Type,
)

TYPES: Final[tuple[Type, ...]] = (JWT,)

_S: Final = (STRING,)
_SS: Final = (STRING, STRING)


def _headers(owner: Type, handle: str) -> tuple[MemberRow, ...]:
    get = f"({{{handle}}}:get({{1}}))"
    return (
        MemberRow(owner, "GetValueOrDefault", STRING, get, _S, nullable=True, not_null=(0,)),
        MemberRow(
            owner,
            "GetValueOrDefault",
            STRING,
            f"({{{handle}}}:get({{1}}) or {{2}})",
            _SS,
            not_null=(0,),
            nullable_with=1,
        ),
        MemberRow(owner, "ContainsKey", BOOL, f"({get} ~= nil)", _S, not_null=(0,)),
        MemberRow(owner, INDEXER, STRING_ARRAY, f"R.header_lines({{{handle}}}, {{1}})", _S, not_null=(0,)),
    )


ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(CONTEXT, "Request", REQUEST),
    MemberRow(CONTEXT, "Response", RESPONSE, sections=("outbound", "on-error")),
    MemberRow(CONTEXT, "Variables", VARIABLES),
    MemberRow(CONTEXT, "LastError", LAST_ERROR, sections=("on-error",)),
    # -- IRequest
    MemberRow(REQUEST, "Headers", REQUEST_HEADERS),
    MemberRow(REQUEST, "IpAddress", STRING, "R.ip_address({q})"),
    MemberRow(REQUEST, "Method", STRING, '({request}:get(":method"))'),
    MemberRow(REQUEST, "OriginalUrl", URL),
    *_headers(REQUEST_HEADERS, "request"),
    # -- IUrl, of the request as it came
    MemberRow(URL, "Path", STRING, "R.url_path({request})"),
    MemberRow(URL, "Host", STRING, "R.url_host({request})"),
    MemberRow(URL, "Scheme", STRING, '({request}:get(":scheme"))'),
    MemberRow(URL, "QueryString", STRING, "R.url_query_string({request})"),
    # -- IResponse
    MemberRow(RESPONSE, "StatusCode", INT, '(tonumber({response}:get(":status")))'),
    MemberRow(RESPONSE, "Headers", RESPONSE_HEADERS),
    *_headers(RESPONSE_HEADERS, "response"),
    # -- LastError
    MemberRow(LAST_ERROR, "Source", STRING, "{q}.error.source", nullable=True),
    MemberRow(LAST_ERROR, "Reason", STRING, "{q}.error.reason", nullable=True),
    MemberRow(LAST_ERROR, "Message", STRING, "{q}.error.message"),
    MemberRow(LAST_ERROR, "Section", STRING, "{q}.error.section", nullable=True),
    MemberRow(LAST_ERROR, "Scope", STRING, "{q}.error.scope", nullable=True),
    MemberRow(LAST_ERROR, "PolicyId", STRING, "{q}.error.policy_id", nullable=True),
    # -- variables
    MemberRow(
        VARIABLES, INDEXER, OBJECT, "R.item({variables}, {1})", _S, nullable=True, not_null=(0,), reads_variable=True
    ),
    MemberRow(VARIABLES, "ContainsKey", BOOL, "({variables}[{1}] ~= nil)", _S, not_null=(0,)),
    # -- Jwt
    MemberRow(JWT, "Id", STRING, "{0}.id", nullable=True),
    MemberRow(JWT, "Issuer", STRING, "{0}.issuer", nullable=True),
    MemberRow(JWT, "Subject", STRING, "{0}.subject", nullable=True),
    MemberRow(JWT, "Algorithm", STRING, "{0}.algorithm", nullable=True),
    MemberRow(JWT, "Type", STRING, "{0}.type", nullable=True),
    MemberRow(JWT, "Audiences", STRINGS, "{0}.audiences"),
    MemberRow(JWT, "Claims", CLAIMS, "{0}.claims"),
    MemberRow(CLAIMS, "GetValueOrDefault", STRING, "R.claim_text({0}, {1}, {2})", _SS, not_null=(0,), nullable_with=1),
    MemberRow(
        CLAIMS,
        "GetValueOrDefault",
        STRING_ARRAY,
        "({0}[{1}] or {2})",
        (STRING, STRING_ARRAY),
        not_null=(0,),
        nullable_with=1,
    ),
    MemberRow(CLAIMS, "ContainsKey", BOOL, "({0}[{1}] ~= nil)", _S, not_null=(0,)),
    MemberRow(CLAIMS, INDEXER, STRING_ARRAY, "R.item({0}, {1})", _S, not_null=(0,)),
    MemberRow(STRING, "AsJwt", JWT, "R.as_jwt({0})", (), nullable=True, null_receiver=True),
)
"""Overloads of one member stand in the order in which messages list them."""
