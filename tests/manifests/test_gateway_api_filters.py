"""Filters: the rules of the CRDs, each kept and broken once."""

from __future__ import annotations

import pytest

from schema_lab import Rule, holds
from tidegate.manifests.schema.gateway_api import GROUP


def one(kind: str, text: str) -> str:
    field = {"CORS": "cors", "URLRewrite": "urlRewrite"}.get(kind, kind[0].lower() + kind[1:])
    return f"{{rules: [{{filters: [{{type: {kind}, {field}: {{{text}}}}}]}}]}}"


def headers(text: str) -> str:
    return one("RequestHeaderModifier", text)


def redirect(text: str) -> str:
    return one("RequestRedirect", text)


def mirror(text: str) -> str:
    return one("RequestMirror", f"backendRef: {{name: a, port: 80}}, {text}")


def cors(text: str) -> str:
    return one("CORS", text)


TWO_FIELDS = "{rules: [{filters: [{type: CORS, cors: {}, urlRewrite: {}}]}]}"
SEVENTEEN = ", ".join(f"h{number}" for number in range(17))

RULES = [
    Rule(cors(""), TWO_FIELDS, "must be a filter of type CORS with `cors` and nothing else"),
    Rule(headers("remove: [a]"), headers(f"remove: [{SEVENTEEN}]"), "must be at most 16 entries"),
    Rule(headers("set: [{name: a, value: b}]"), headers("set: [{name: a, value: ''}]"), "text that is not empty"),
    Rule(
        headers("add: [{name: a, value: b}], set: [{name: a, value: b}]"),
        headers("add: [{name: a, value: b}, {name: A, value: c}]"),
        "requestHeaderModifier.add[1]` must be a header that `add` does not have already",
    ),
    Rule(headers("remove: [x-a]"), headers("remove: ['x a']"), "must be a header name"),
    Rule(
        headers('set: [{name: a, value: "b\\tc"}]'),
        headers('set: [{name: a, value: "b\\r\\nc: d"}]'),
        "must be a header value without control characters",
    ),
    Rule(redirect("statusCode: 308"), redirect("statusCode: 304"), "must be `301` or `302` or `303` or `307` or `308`"),
    Rule(redirect("scheme: https"), redirect("scheme: ftp"), "must be `http` or `https`"),
    Rule(redirect("hostname: a.example"), redirect("hostname: '*.example'"), "a host name without a wildcard"),
    Rule(redirect("port: 8443"), redirect("port: 70000"), "must be at most 65535"),
    Rule(
        redirect("path: {type: ReplaceFullPath, replaceFullPath: /a}"),
        redirect("path: {type: ReplaceFullPath}"),
        "must be a path change of type ReplaceFullPath with `replaceFullPath` and not `replacePrefixMatch`",
    ),
    Rule(
        redirect("path: {type: ReplacePrefixMatch, replacePrefixMatch: ''}"),
        redirect("path: {type: ReplacePrefixMatch, replacePrefixMatch: /a, replaceFullPath: /b}"),
        "must be a path change of type ReplacePrefixMatch with `replacePrefixMatch`",
    ),
    Rule(
        redirect("path: {type: ReplaceFullPath, replaceFullPath: /a%20b}"),
        redirect("path: {type: ReplaceFullPath, replaceFullPath: '/a b'}"),
        "must be a path that begins with `/`, without blanks",
    ),
    Rule(
        one("URLRewrite", "hostname: a.example"),
        one("URLRewrite", "path: {type: ReplaceFullPath, replaceFullPath: a}"),
        "must be a path that begins with `/`",
    ),
    Rule(mirror("percent: 0"), mirror("percent: 101"), "must be at most 100"),
    Rule(
        mirror("fraction: {numerator: 1, denominator: 1000}"), mirror("fraction: {numerator: 101}"), "at most the den"
    ),
    Rule(
        mirror("fraction: {numerator: 1}"),
        mirror("fraction: {numerator: 1}, percent: 3"),
        "requestMirror.fraction` must be left out where `percent` is given",
    ),
    Rule(
        cors("allowOrigins: ['*']"), cors("allowOrigins: ['*', 'https://a.b']"), "must be the only entry if it is `*`"
    ),
    Rule(
        cors("allowOrigins: ['https://*.a.b:8443', 'http://*']"),
        cors("allowOrigins: ['a.b']"),
        "must be `*` or an origin",
    ),
    Rule(cors("allowMethods: ['*']"), cors("allowMethods: [GET, '*']"), "must be the only entry if it is `*`"),
    Rule(
        cors("allowMethods: [GET, PUT]"), cors("allowMethods: [GET, GET]"), "must be a method that is not in the list"
    ),
    Rule(cors("allowHeaders: ['*']"), cors("allowHeaders: [a, '*']"), "must be the only entry if it is `*`"),
    Rule(cors("exposeHeaders: [a, '*']"), cors("exposeHeaders: [a, A]"), "must be a header that is not in the list"),
    Rule(cors("maxAge: 1"), cors("maxAge: 0"), "must be at least 1"),
    Rule(cors("allowCredentials: true"), cors("allowCredentials: 'true'"), "must be true or false"),
]


@pytest.mark.parametrize("each", RULES, ids=str)
def test_rule(each: Rule) -> None:
    """A spec that keeps it has no finding; one that breaks it has one, at the field that does."""
    holds(GROUP, "HTTPRoute", each)


@pytest.mark.parametrize("kind", ["RequestRedirect", "URLRewrite", "CORS"])
def test_filter_that_grpc_has_not(kind: str) -> None:
    """GRPCRoute has header modifiers and mirrors only."""
    kept = one("RequestHeaderModifier", "set: [{name: a, value: b}]")
    broken = f"{{rules: [{{filters: [{{type: {kind}}}]}}]}}"
    holds(GROUP, "GRPCRoute", Rule(kept, broken, "filters[0].type` must be `RequestHeaderModifier` or"))
