"""`context` and what it leads to: both messages, URLs, variables, the last error, API, caller, and Jwt.

Source: the page "API Management policy expressions", section "Context variable". Rows that speak of the request in hand
take it from the record (`{q}`, `{request}`), so that `context.Request` costs nothing itself.
"""

from __future__ import annotations

import re
from typing import Final

from tidegate.policies.expressions.members.collections import READ_ONLY_DICTIONARY
from tidegate.policies.expressions.members.encoding import GUID, URI
from tidegate.policies.expressions.members.row import INDEXER, MemberRow
from tidegate.policies.expressions.members.time import DATE_TIME, TIME_SPAN
from tidegate.policies.expressions.types import (
    BOOL,
    CLAIMS,
    CONTEXT,
    DICTIONARY_INTERFACE,
    ENUMERABLE,
    INT,
    JWT,
    LIST_INTERFACE,
    OBJECT,
    STRING,
    STRING_ARRAY,
    STRINGS,
    VARIABLES,
    VOID,
    T,
    Type,
)

REQUEST: Final = Type("IRequest")
IRESPONSE: Final = Type("IResponse")
LAST_ERROR: Final = Type("ILastError")
BODY: Final = Type("IMessageBody")
IURL: Final = Type("IUrl")
API: Final = Type("IApi")
OPERATION: Final = Type("IOperation")
PRODUCT: Final = Type("IProduct")
SUBSCRIPTION: Final = Type("ISubscription")
USER: Final = Type("IUser")
GROUP: Final = Type("IGroup")
IDENTITY: Final = Type("IUserIdentity")
DEPLOYMENT: Final = Type("IDeployment")
GATEWAY: Final = Type("IGateway")
CERTIFICATE: Final = Type("X509Certificate2", namespace="System.Security.Cryptography.X509Certificates")
NAME: Final = Type("X500DistinguishedName", namespace="System.Security.Cryptography.X509Certificates")
_LINES: Final = READ_ONLY_DICTIONARY.of(STRING, STRING_ARRAY)
REQUEST_HEADERS: Final = Type("request headers", "IReadOnlyDictionary<string, string[]>", bases=(_LINES,))
RESPONSE_HEADERS: Final = Type("response headers", "IReadOnlyDictionary<string, string[]>", bases=(_LINES,))
QUERY: Final = Type("query", "IReadOnlyDictionary<string, string[]>", bases=(_LINES,))
FORM: Final = DICTIONARY_INTERFACE.of(STRING, LIST_INTERFACE.of(STRING))

TYPES: Final[tuple[Type, ...]] = (
    JWT, IRESPONSE, BODY, IURL, API, OPERATION, PRODUCT, SUBSCRIPTION, USER, GROUP, IDENTITY, DEPLOYMENT,
)  # fmt: skip

_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_S: Final = (STRING,)
_SS: Final = (STRING, STRING)


def _headers(owner: Type, handle: str) -> tuple[MemberRow, ...]:
    get = f"({handle}:get({{1}}))"
    return (
        MemberRow(owner, "GetValueOrDefault", STRING, get, _S, nullable=True, not_null=(0,)),
        MemberRow(
            owner,
            "GetValueOrDefault",
            STRING,
            f"({handle}:get({{1}}) or {{2}})",
            _SS,
            not_null=(0,),
            nullable_with=1,
        ),
        MemberRow(owner, "ContainsKey", BOOL, f"({get} ~= nil)", _S, not_null=(0,)),
        MemberRow(owner, INDEXER, STRING_ARRAY, f"R.header_lines({handle}, {{1}})", _S, not_null=(0,)),
    )


def _fact(owner: Type, *names: str, result: Type = STRING) -> tuple[MemberRow, ...]:
    """Fields of the facts (lua/README.md), by .NET's names: `UrlTemplate` is `url_template`."""
    return tuple(
        MemberRow(owner, name, result, f"{{0}}.{_WORD.sub('_', name).lower()}", nullable=True) for name in names
    )


_CONTEXT: Final = (
    MemberRow(CONTEXT, "Request", REQUEST, "{q}"),
    MemberRow(CONTEXT, "Response", IRESPONSE, "R.context_response({q})", nullable=True),
    MemberRow(CONTEXT, "Variables", VARIABLES),
    MemberRow(CONTEXT, "LastError", LAST_ERROR, "{q}.error", sections=("on-error",)),
    MemberRow(CONTEXT, "Api", API, "R.facts({q}).api", nullable=True),
    MemberRow(CONTEXT, "Operation", OPERATION, "R.facts({q}).operation", nullable=True),
    MemberRow(CONTEXT, "Product", PRODUCT, "R.facts({q}).product", nullable=True),
    MemberRow(CONTEXT, "Subscription", SUBSCRIPTION, "R.facts({q}).subscription", nullable=True),
    MemberRow(CONTEXT, "User", USER, "R.facts({q}).user", nullable=True),
    MemberRow(CONTEXT, "Deployment", DEPLOYMENT, "R.deployment({q})"),
    MemberRow(CONTEXT, "RequestId", GUID, "R.request_id({q})"),
    MemberRow(CONTEXT, "Timestamp", DATE_TIME, "R.timestamp({q})"),
    MemberRow(CONTEXT, "Elapsed", TIME_SPAN, "R.elapsed({q})"),
    MemberRow(CONTEXT, "Tracing", BOOL, "({q}.traced == true)"),
    MemberRow(CONTEXT, "Trace", VOID, 'R.trace({q}, "context", "verbose", {1})', (OBJECT,), effect=True),
)

_REQUEST: Final = (
    MemberRow(REQUEST, "Headers", REQUEST_HEADERS, "R.header_dictionary({request})"),
    MemberRow(REQUEST, "IpAddress", STRING, "R.ip_address({q})"),
    MemberRow(REQUEST, "Method", STRING, '({request}:get(":method"))'),
    MemberRow(REQUEST, "Url", IURL, "R.iurl(R.url({q}))"),
    MemberRow(REQUEST, "OriginalUrl", IURL, "R.iurl(R.original_url({q}))"),
    MemberRow(REQUEST, "Certificate", CERTIFICATE, "R.certificate({q})", nullable=True),
    MemberRow(REQUEST, "Body", BODY, 'R.message_body({q}, "request")', nullable=True, waits=True),
    MemberRow(REQUEST, "MatchedParameters", READ_ONLY_DICTIONARY.of(STRING, STRING), "R.matched_dictionary({q})"),
    *_headers(REQUEST_HEADERS, "{request}"),
)

_RESPONSE: Final = (
    MemberRow(IRESPONSE, "StatusCode", INT, "R.status_of({0})"),
    MemberRow(IRESPONSE, "StatusReason", STRING, "R.status_reason({0})"),
    MemberRow(IRESPONSE, "Body", BODY, "R.message_body({q}, {0})", nullable=True, waits=True),
    MemberRow(IRESPONSE, "Headers", RESPONSE_HEADERS, "R.response_headers({0})"),
)


def _whole(name: str, result: Type, lua: str, parameters: tuple[Type, ...] | None = None) -> MemberRow:
    """What needs all headers of a response at once."""
    lua = lua.format("R.header_dictionary({0}.response.headers)")
    return MemberRow(RESPONSE_HEADERS, name, result, lua, parameters)


_RESPONSE_HEADERS: Final = (
    *_headers(RESPONSE_HEADERS, "{0}.response.headers"),
    _whole("Count", INT, "{}.n"),
    _whole("Keys", STRINGS, "R.dictionary_keys({})"),
    _whole("Values", ENUMERABLE.of(STRING_ARRAY), "R.dictionary_values({})"),
)

_BODY: Final = (
    MemberRow(
        BODY,
        "As",
        T,
        "R.body_as({0}, {T}, {1})",
        (BOOL,),
        nullable=True,
        variables=(T,),
        optional=("false",),
        labels=("preserveContent",),
        effect=True,
    ),
    MemberRow(
        BODY,
        "AsFormUrlEncodedContent",
        FORM,
        "R.body_form({0}, {1})",
        (BOOL,),
        optional=("false",),
        labels=("preserveContent",),
        effect=True,
    ),
)

_URL: Final = (
    MemberRow(IURL, "Scheme", STRING, "{0}.scheme"),
    MemberRow(IURL, "Host", STRING, "{0}.host"),
    MemberRow(IURL, "Port", INT, "{0}.port"),
    MemberRow(IURL, "Path", STRING, "{0}.path"),
    MemberRow(IURL, "QueryString", STRING, "R.url_query_text({0})"),
    MemberRow(IURL, "ToString", STRING, "R.url_text({0})", ()),
    # Not on the page of expressions, but in policies that API Management runs.
    MemberRow(IURL, "ToUri", URI, "R.new_uri(R.url_text({0}))", ()),
    MemberRow(IURL, "Query", QUERY, "R.url_query_dictionary({0})"),
    MemberRow(QUERY, "GetValueOrDefault", STRING, "R.joined_value({0}, {1})", _S, nullable=True, not_null=(0,)),
    MemberRow(QUERY, "GetValueOrDefault", STRING, "R.joined_value({0}, {1}, {2})", _SS, not_null=(0,), nullable_with=1),
)

_CERTIFICATE: Final = (
    *(
        MemberRow(CERTIFICATE, name, STRING, f"{{0}}.{name}")
        for name in ("Thumbprint", "Subject", "Issuer", "SerialNumber")
    ),
    MemberRow(CERTIFICATE, "SubjectName", NAME, "{0}.Subject"),
    MemberRow(CERTIFICATE, "IssuerName", NAME, "{0}.Issuer"),
    MemberRow(NAME, "Name", STRING, "{0}"),
    MemberRow(CERTIFICATE, "NotBefore", DATE_TIME, "R.local_time({0}.from)"),
    MemberRow(CERTIFICATE, "NotAfter", DATE_TIME, "R.local_time({0}.to)"),
    MemberRow(CERTIFICATE, "Verify", BOOL, "R.certificate_verifies({0})", ()),
)

_FACTS: Final = (
    *_fact(API, "Id", "Name", "Path", "Revision", "Version"),
    MemberRow(API, "IsCurrentRevision", BOOL, "({0}.is_current ~= false)"),
    MemberRow(API, "ServiceUrl", IURL, "R.iurl_of({0}.service_url)", nullable=True),
    MemberRow(API, "Protocols", STRINGS, "R.fact_list({0}.protocols)"),
    *_fact(OPERATION, "Id", "Name", "Method", "UrlTemplate"),
    *_fact(PRODUCT, "Id", "Name", "State"),
    MemberRow(PRODUCT, "ApprovalRequired", BOOL, "({0}.approval_required == true)"),
    MemberRow(PRODUCT, "SubscriptionRequired", BOOL, "({0}.subscription_required ~= false)"),
    MemberRow(PRODUCT, "SubscriptionLimit", INT, "{0}.limit", nullable=True),
    MemberRow(PRODUCT, "Apis", ENUMERABLE.of(API), "R.fact_list({0}.apis)"),
    MemberRow(PRODUCT, "Groups", ENUMERABLE.of(GROUP), "R.fact_list({0}.groups)"),
    *_fact(SUBSCRIPTION, "Id", "Name", "Key", "PrimaryKey", "SecondaryKey"),
    MemberRow(SUBSCRIPTION, "CreatedDate", DATE_TIME, "R.fact_date({0}.created)", nullable=True),
    MemberRow(SUBSCRIPTION, "StartDate", DATE_TIME, "R.fact_date({0}.start)", nullable=True),
    MemberRow(SUBSCRIPTION, "EndDate", DATE_TIME, 'R.fact_date({0}["end"])', nullable=True),
    *_fact(USER, "Id", "Email", "FirstName", "LastName", "Note"),
    MemberRow(USER, "RegistrationDate", DATE_TIME, "R.fact_date({0}.registration)", nullable=True),
    MemberRow(USER, "Groups", ENUMERABLE.of(GROUP), "R.fact_list({0}.groups)"),
    MemberRow(USER, "Identities", ENUMERABLE.of(IDENTITY), "R.fact_list({0}.identities)"),
    *_fact(GROUP, "Id", "Name"),
    *_fact(IDENTITY, "Id", "Provider"),
    *_fact(DEPLOYMENT, "Region", "ServiceId", "ServiceName", "GatewayId"),
    MemberRow(DEPLOYMENT, "Gateway", GATEWAY, "{0}"),
    MemberRow(GATEWAY, "Id", STRING, "{0}.gateway_id", nullable=True),
    MemberRow(GATEWAY, "InstanceId", STRING, "{0}.gateway_id", nullable=True),
    MemberRow(GATEWAY, "IsManaged", BOOL, "({0}.is_managed == true)"),
)

_LAST_ERROR: Final = tuple(
    MemberRow(LAST_ERROR, name, STRING, f"{{0}}.{field}", nullable=True)
    for name, field in (
        ("Source", "source"), ("Reason", "reason"), ("Message", "message"), ("Section", "section"),
        ("Scope", "scope"), ("Path", "path"), ("PolicyId", "policy_id"),
    )
)  # fmt: skip

_VARIABLES: Final = (
    MemberRow(
        VARIABLES,
        INDEXER,
        OBJECT,
        "R.get_variable({variables}, {1})",
        _S,
        nullable=True,
        not_null=(0,),
        reads_variable=True,
    ),
    MemberRow(VARIABLES, "ContainsKey", BOOL, "({variables}[{1}] ~= nil)", _S, not_null=(0,)),
)

_JWT: Final = (
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

ROWS: Final[tuple[MemberRow, ...]] = (
    *_CONTEXT, *_REQUEST, *_RESPONSE, *_RESPONSE_HEADERS, *_BODY, *_URL, *_CERTIFICATE, *_FACTS, *_LAST_ERROR,
    *_VARIABLES, *_JWT,
)  # fmt: skip
"""Overloads of one member stand in the order in which messages list them."""
