"""Rules at listeners, and what becomes of invalid ones."""

from __future__ import annotations

import pytest

from rules import codes_of, rules_of
from tidegate.manifests.routes import CLOSED, Rule
from tidegate.model import Forward, Redirect


def only(rules: str, *, kind: str = "HTTPRoute") -> Rule:
    resolution, found = rules_of(rules, kind=kind)
    assert not codes_of(found)
    (rule,) = resolution.rules
    return rule


def redirect(text: str, *, port: int) -> Redirect:
    rule = only(f"[{{filters: [{{type: RequestRedirect, requestRedirect: {{{text}}}}}]}}]").at_listener(port=port)
    assert isinstance(rule.action, Redirect)
    return rule.action


@pytest.mark.parametrize(
    ("text", "listener", "port"),
    [
        ("port: 8443", 80, 8443),
        ("scheme: https, port: 8443", 80, 8443),
        ("scheme: https", 80, 443),
        ("scheme: https", 8080, 443),
        ("scheme: http", 443, 80),
        ("hostname: a.example.com", 80, 80),
        ("hostname: a.example.com", 8080, 8080),
        ("statusCode: 301", 8443, 8443),
    ],
)
def test_port_of_a_redirect(text: str, listener: int, port: int) -> None:
    """HTTPRequestRedirectFilter.port: its own, else the scheme's, else the listener's."""
    assert redirect(text, port=listener).port == port


def test_redirect_of_a_backend_has_a_port_too() -> None:
    """Of one backend's share; the others are as they were."""
    rule = only(
        "[{backendRefs: [{name: cart, port: 80}, {name: films, port: 80, "
        "filters: [{type: RequestRedirect, requestRedirect: {hostname: a.example.com}}]}]}]"
    )
    at = rule.at_listener(port=8080)
    assert isinstance(rule.action, Forward)
    assert isinstance(at.action, Forward)
    assert at.action.backends[0] is rule.action.backends[0]
    filters = at.action.backends[1].filters
    assert filters is not None
    assert filters.redirect == Redirect(hostname="a.example.com", port=8080, keeps_port=True)


def test_listener_leaves_alone_what_it_does_not_change() -> None:
    """The very same object: nothing after it has to look again."""
    rule = only("[{backendRefs: [{name: cart, port: 80}]}]")
    assert rule.at_listener(port=80) is rule


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
def test_malformed_routes_are_closed(kind: str) -> None:
    """What could be read of one matches as it did, and answers 503; its references are nobody's business."""
    resolution, found = rules_of("[{name: a, backendRefs: [{name: nobody, port: 80}], weihgt: 1}]", kind=kind)
    (rule,) = resolution.rules
    assert rule.action == CLOSED
    assert len(rule.matches) == 1
    assert codes_of(found) == ["TG1110"]
    assert resolution.resolved.reason == "ResolvedRefs"


def test_no_rule_that_is_valid_is_a_route_that_is_not_accepted() -> None:
    """With the first reason; and no condition PartiallyInvalid then."""
    mirror = "{type: RequestMirror, requestMirror: {backendRef: {name: cart, port: 80}}}"
    clash = f"{{type: RequestRedirect, requestRedirect: {{}}}}, {mirror}"
    session = "{backendRefs: [{name: cart, port: 80}], sessionPersistence: {absoluteTimeout: 1h}}"
    resolution, _ = rules_of(f"[{{filters: [{clash}]}}, {session}]")
    assert resolution.accepted.reason == "IncompatibleFilters"
    assert resolution.accepted.message.startswith("Rule 0: a redirect forwards nothing")
    assert resolution.partially_invalid is None
    some, _ = rules_of(f"[{{filters: [{clash}]}}, {{backendRefs: [{{name: cart, port: 80}}]}}]")
    assert some.accepted.reason == "Accepted"
    assert some.partially_invalid is not None
    assert some.partially_invalid.message.startswith("Dropped Rule 0: ")


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
def test_rule_that_no_request_reaches(kind: str) -> None:
    """Of equal matches in one route the first wins; in one rule they are no harm, an invalid rule is told already."""
    a, b = "headers: [{name: a, value: b}]", "headers: [{name: A, value: b}]"
    _, found = rules_of(f"[{{matches: [{{{a}}}, {{{a}}}]}}, {{matches: [{{}}, {{{b}}}]}}]", kind=kind)
    (warning,) = found
    assert warning.code.code == "TG4608"
    assert warning.message.endswith("rule 1 matches what rule 0 takes already")
    _, found = rules_of("[{}, {sessionPersistence: {absoluteTimeout: 1h}}]", kind=kind)
    assert codes_of(found) == ["TG4606"]
