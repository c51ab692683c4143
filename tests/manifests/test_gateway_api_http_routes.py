"""HTTPRoute: the rules that its CRD states in CEL, each kept and broken once, and what else the schema asks."""

from __future__ import annotations

import pytest

from schema_lab import Rule, holds, read
from tidegate.manifests.schema.gateway_api import GROUP, HTTPRoute

BACKEND = "backendRefs: [{name: a, port: 80}]"
REDIRECT = "{type: RequestRedirect, requestRedirect: {%s}}"
REWRITE = "{type: URLRewrite, urlRewrite: {%s}}"
PREFIX = "path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}"
ONE = "matches: [{path: {value: /a}}]"
TWO = "matches: [{path: {value: /a}}, {path: {value: /b}}]"
EXACT = "matches: [{path: {type: Exact, value: /a}}]"


def rule(text: str) -> str:
    return f"{{rules: [{{{text}}}]}}"


def match(text: str) -> str:
    return rule(f"matches: [{{{text}}}]")


def filters(*each: str) -> str:
    return rule(f"filters: [{', '.join(each)}]")


def many(count: int, matches: int) -> str:
    paths = ", ".join(f"{{path: {{value: /{number}}}}}" for number in range(matches))
    return f"{{rules: [{', '.join([f'{{matches: [{paths}]}}'] * count)}]}}"


RULES = [
    Rule(match("path: {value: /a%20b}"), match("path: {value: '/a b'}"), "must be a path of letters, digits"),
    Rule(match("path: {value: /a/b}"), match("path: {value: /a//b}"), "must be a path without `//`"),
    Rule(match("path: {value: /a/.b}"), match("path: {value: /a/..}"), "must be a path that does not end with"),
    Rule(match("path: {type: RegularExpression, value: 'a|b'}"), match("path: {value: a}"), "begins with `/`"),
    Rule(
        match("headers: [{name: a, value: b}, {name: b, value: b}]"),
        match("headers: [{name: a, value: b}, {name: a, value: c}]"),
        "`spec.rules[0].matches[0].headers[1]` must be a header that the match does not name already",
    ),
    Rule(
        match("queryParams: [{name: a, value: b}, {name: A, value: c}]"),
        match("queryParams: [{name: a, value: b}, {name: a, value: c}]"),
        "`spec.rules[0].matches[0].queryParams[1]` must be a parameter that the match does not name already",
    ),
    Rule(
        match("headers: [{type: RegularExpression, name: a, value: '[0-9]+'}]"),
        match("headers: [{type: RegularExpression, name: a, value: '('}]"),
        "`spec.rules[0].matches[0].headers[0].value` must be a pattern of RE2",
    ),
    Rule(
        match("queryParams: [{type: RegularExpression, name: a, value: '[0-9]+'}]"),
        match("queryParams: [{type: RegularExpression, name: a, value: '(?=a)'}]"),
        "`spec.rules[0].matches[0].queryParams[0].value` must be a pattern of RE2",
    ),
    Rule(match("queryParams: [{name: a, value: b}]"), match("queryParams: [{name: a, value: ''}]"), "not empty"),
    Rule(match("method: PATCH"), match("method: get"), "`spec.rules[0].matches[0].method` must be `GET`"),
    Rule(
        filters(REWRITE % "hostname: a.b", "{type: CORS, cors: {}}"),
        filters(REWRITE % "hostname: a.b", REDIRECT % ""),
        "`spec.rules[0].filters[1]` must be either a RequestRedirect or a URLRewrite",
    ),
    Rule(
        filters("{type: CORS, cors: {}}"),
        filters("{type: CORS, cors: {}}", "{type: CORS, cors: {}}"),
        "`spec.rules[0].filters[1]` must be the only CORS in its list",
    ),
    Rule(
        filters(*["{type: RequestMirror, requestMirror: {backendRef: {name: a, port: 80}}}"] * 2),
        filters(*["{type: URLRewrite, urlRewrite: {hostname: a.b}}"] * 2),
        "must be the only URLRewrite",
    ),
    Rule(
        rule(f"filters: [{REDIRECT % 'scheme: https'}]"),
        rule(f"filters: [{REDIRECT % 'scheme: https'}], {BACKEND}"),
        "`spec.rules[0].filters[0]` must be no RequestRedirect in a rule with `backendRefs`",
    ),
    Rule(
        rule(f"filters: [{REDIRECT % PREFIX}], {ONE}"),
        rule(f"filters: [{REDIRECT % PREFIX}], {TWO}"),
        "`spec.rules[0].filters[0].requestRedirect.path` must be no ReplacePrefixMatch without exactly one",
    ),
    Rule(
        rule(f"filters: [{REWRITE % PREFIX}]"),
        rule(f"filters: [{REWRITE % PREFIX}], {EXACT}"),
        "`spec.rules[0].filters[0].urlRewrite.path` must be no ReplacePrefixMatch without exactly one",
    ),
    Rule(
        rule(f"backendRefs: [{{name: a, port: 80, filters: [{REWRITE % PREFIX}]}}], {ONE}"),
        rule(f"backendRefs: [{{name: a, port: 80, filters: [{REWRITE % PREFIX}]}}], {TWO}"),
        "`spec.rules[0].backendRefs[0].filters[0].urlRewrite.path` must be no ReplacePrefixMatch",
    ),
    Rule(rule(BACKEND), rule("backendRefs: [{name: a}]"), "must be a reference to a Service with its `port`"),
    Rule(rule("backendRefs: [{group: g, kind: K, name: a}]"), rule("backendRefs: [{name: a, port: 0}]"), "at least 1"),
    Rule(
        rule("backendRefs: [{group: example.com, kind: My-Kind, name: a}]"),
        rule("backendRefs: [{group: '*', kind: K, name: a}]"),
        "backendRefs[0].group` must be an API group",
    ),
    Rule(rule(BACKEND), rule("backendRefs: [{kind: '*', name: a, port: 80}]"), "backendRefs[0].kind` must be a kind"),
    Rule(many(2, 64), many(3, 50), "`spec.rules` must be rules with at most 128 matches together"),
    Rule(many(1, 64), many(1, 65), "`spec.rules[0].matches` must be at most 64 entries"),
    Rule(many(16, 1), many(17, 1), "`spec.rules` must be at most 16 entries"),
    Rule(
        "{rules: [{name: a}, {name: b}, {}, {}]}",
        "{rules: [{name: a}, {name: a}]}",
        "`spec.rules[1].name` must be a name that no other rule of the route has",
    ),
]


@pytest.mark.parametrize("each", RULES, ids=str)
def test_rule(each: Rule) -> None:
    """A spec that keeps it has no finding; one that breaks it has one, at the field that does."""
    holds(GROUP, "HTTPRoute", each)


def test_defaults_are_the_specification() -> None:
    """A route without rules has one that matches everything; a backend has weight 1."""
    body, _ = read(GROUP, "HTTPRoute", "{}")
    assert isinstance(body, HTTPRoute)
    assert len(body.spec.rules) == 1
    body, _ = read(GROUP, "HTTPRoute", rule(f"{BACKEND}, matches: [{{}}]"))
    assert isinstance(body, HTTPRoute)
    (only,) = body.spec.rules
    assert (only.matches[0].path.type, only.matches[0].path.value) == ("PathPrefix", "/")
    assert only.backend_refs[0].weight == 1


@pytest.mark.parametrize("kind", ["ExtensionRef", "ExternalAuth"])
def test_filter_of_somebody_else_is_refused_by_name(kind: str) -> None:
    """What it would do is not known here."""
    _, findings = read(GROUP, "HTTPRoute", filters(f"{{type: {kind}}}"))
    assert findings == [f"HTTPRoute: `spec.rules[0].filters[0].type: {kind}` is not supported yet"]
