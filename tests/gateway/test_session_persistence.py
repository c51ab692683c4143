"""SessionPersistence: a session's requests stay with one endpoint (GEP-1619)."""

from __future__ import annotations

import pytest

from gateway_lab import Lab

pytestmark = pytest.mark.e2e


def test_a_cookie_keeps_the_endpoint(lab: Lab) -> None:
    """The first answer sets it; whoever brings it back meets the same endpoint, others are spread."""
    endpoints = lab.endpoints(3)
    lab.service("v1", *(one.endpoint for one in endpoints))
    lab.rules("""
        - sessionPersistence: {sessionName: shop-session, type: Cookie}
          backendRefs: [{name: v1, port: 80}]
    """)
    first = lab.get()
    cookie = (first.header("set-cookie") or "").split(";")[0]
    assert cookie.startswith("shop-session=")
    assert {lab.get("/", ("cookie", f"other=1; {cookie}")).who for _ in range(30)} == {first.who}
    assert len({lab.get().who for _ in range(40)}) > 1


def test_a_session_cookie_ends_with_the_browser_and_a_permanent_one_does_not(lab: Lab) -> None:
    """cookieConfig.lifetimeType and absoluteTimeout; the endpoint's address is not readable from outside the cookie."""
    endpoints = lab.endpoints(2)
    lab.service("v1", *(one.endpoint for one in endpoints))
    lab.rules("""
        - matches: [{path: {value: /session}}]
          sessionPersistence: {sessionName: a}
          backendRefs: [{name: v1, port: 80}]
        - matches: [{path: {value: /permanent}}]
          sessionPersistence: {sessionName: b, absoluteTimeout: 1h, cookieConfig: {lifetimeType: Permanent}}
          backendRefs: [{name: v1, port: 80}]
    """)
    session, permanent = (lab.get(path).header("set-cookie") or "" for path in ("/session", "/permanent"))
    assert session.startswith("a=")
    assert "max-age" not in session.lower()
    assert "max-age=3600" in permanent.lower()
    assert "httponly" in session.lower()


def test_a_header_keeps_the_endpoint(lab: Lab) -> None:
    """type Header: the answer carries it, the client sends it back."""
    endpoints = lab.endpoints(3)
    lab.service("v1", *(one.endpoint for one in endpoints))
    lab.rules("""
        - sessionPersistence: {sessionName: x-session, type: Header}
          backendRefs: [{name: v1, port: 80}]
    """)
    first = lab.get()
    session = first.header("x-session")
    assert session
    assert {lab.get("/", ("x-session", session)).who for _ in range(30)} == {first.who}


def test_a_session_outlives_its_endpoint(lab: Lab) -> None:
    """An endpoint that is gone, or a forged cookie, is no failure: another endpoint takes over."""
    first, second = lab.endpoints(2)
    lab.service("v1", first.endpoint, second.endpoint)
    rules = """
        - sessionPersistence: {sessionName: s}
          backendRefs: [{name: v1, port: 80}]
    """
    lab.rules(rules)
    cookie = {}
    while len(cookie) < 2:
        answer = lab.get()
        cookie[answer.who] = (answer.header("set-cookie") or "").split(";")[0]
    lab.services.clear()
    lab.service("v1", second.endpoint)
    lab.rules(rules)
    assert lab.eventually(lambda: lab.get("/", ("cookie", cookie["e1"])).who == "e2")
    assert lab.get("/", ("cookie", "s=Zm9yZ2Vk")).who == "e2"
    assert lab.get("/", ("cookie", "s=%%%")).who == "e2"


def test_sessions_stay_within_their_weighted_backend(lab: Lab) -> None:
    """GEP-1619: persistence also fixes the choice between weighted backends."""
    lab.http("v1", "v2")
    lab.rules("""
        - sessionPersistence: {sessionName: s}
          backendRefs: [{name: v1, port: 80, weight: 1}, {name: v2, port: 80, weight: 1}]
    """)
    for _ in range(3):
        first = lab.get()
        cookie = (first.header("set-cookie") or "").split(";")[0]
        assert {lab.get("/", ("cookie", cookie)).who for _ in range(15)} == {first.who}
