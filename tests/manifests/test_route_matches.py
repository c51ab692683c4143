"""Header matches, patterns and sessions."""

from __future__ import annotations

import pytest

from rules import codes_of, rules_of
from tidegate.model import Forward, HeaderMatch, SessionPersistence


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
def test_first_of_equivalent_header_names_counts(kind: str) -> None:
    """HTTPHeaderMatch.name; what does not count is told."""
    headers = "[{name: X-Team, value: one}, {name: x-team, value: two}, {name: other, value: a}]"
    resolution, found = rules_of(f"[{{matches: [{{headers: {headers}}}]}}]", kind=kind)
    (match,) = resolution.rules[0].matches
    assert match.match.headers == (HeaderMatch("x-team", "one"), HeaderMatch("other", "a"))
    assert codes_of(found) == ["TG4607"]


def session(text: str, *, kind: str = "HTTPRoute", name: str = "") -> SessionPersistence:
    rule = f"[{{{name} backendRefs: [{{name: cart, port: 80}}], sessionPersistence: {{{text}}}}}]"
    resolution, found = rules_of(rule, kind=kind)
    assert not codes_of(found)
    action = resolution.rules[0].action
    assert isinstance(action, Forward)
    assert isinstance(action.affinity, SessionPersistence)
    return action.affinity


@pytest.mark.parametrize("kind", ["HTTPRoute", "GRPCRoute"])
def test_sessions(kind: str) -> None:
    """GEP-1619, for both kinds of routes alike."""
    assert session("sessionName: a", kind=kind) == SessionPersistence("a")
    assert session("sessionName: a, type: Header", kind=kind) == SessionPersistence("a", in_header=True)
    permanent = "sessionName: a, absoluteTimeout: 90m, cookieConfig: {lifetimeType: Permanent}"
    assert session(permanent, kind=kind) == SessionPersistence("a", lifetime_s=5400.0)


def test_cookie_without_a_name_gets_one_of_its_own() -> None:
    """Unique by kind, route and rule, and the same at every reading."""
    names = [session("type: Cookie").name, session("", kind="GRPCRoute").name, session("", name="name: a,").name]
    assert len(set(names)) == 3
    assert all(name.startswith("tidegate-session-") for name in names)
    assert session("type: Cookie").name == names[0]


def test_patterns_that_are_too_much_together() -> None:
    """Each part of a gRPC method is fine; what they come to is not."""
    part = "[abcdefgh]{300}"
    method = f'{{type: RegularExpression, service: "{part}", method: "{part}"}}'
    resolution, found = rules_of(f"[{{matches: [{{method: {method}}}, {{}}]}}]", kind="GRPCRoute")
    (rule,) = resolution.rules
    assert len(rule.matches) == 1
    assert "5000 instructions" in rule.invalid
    assert codes_of(found) == ["TG4603"]


def test_paths_are_matched_as_requests_are_normalised() -> None:
    """RFC 3986 section 6.2.2: what needs no percent-encoding has none when it is matched; nothing else is touched."""
    for character in map(chr, range(0x21, 0x7F)):
        if character in "/\\":
            continue
        encoded = f"%{ord(character):02X}"
        resolution, found = rules_of(f'[{{matches: [{{path: {{type: Exact, value: "/a{encoded}b"}}}}]}}]')
        assert not codes_of(found)
        unreserved = character.isalnum() or character in "-._~"
        assert resolution.rules[0].matches[0].match.path.value == f"/a{character if unreserved else encoded}b"


@pytest.mark.parametrize("path", ["/%2e%2E/a", "/a/%2e", "/a/.%2e/b", "/%2E"])
def test_paths_that_no_request_has(path: str) -> None:
    """Dots that stand for the segment above are resolved before anything is matched."""
    resolution, found = rules_of(f"[{{matches: [{{path: {{value: {path}}}}}]}}]")
    assert resolution.rules[0].matches == ()
    assert resolution.accepted.reason == "UnsupportedValue"
    assert codes_of(found) == ["TG4609"]
