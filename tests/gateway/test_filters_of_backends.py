"""Filters of one backendRef: they act on the requests that go to it, and on no others (HTTPBackendRef.filters)."""

from __future__ import annotations

import pytest

from gateway_lab import Lab

pytestmark = pytest.mark.e2e


def test_a_redirect(lab: Lab) -> None:
    """Half of the requests are sent elsewhere, the other half is served."""
    lab.http("v1", "v2")
    lab.rules("""
        - backendRefs:
            - {name: v1, port: 80}
            - name: v2
              port: 80
              filters: [{type: RequestRedirect, requestRedirect: {hostname: new.example.com, statusCode: 301}}]
    """)
    counts = lab.count(120)
    assert set(counts) == {"v1", "301"}
    assert 30 < counts["301"] < 90


def test_a_mirror(lab: Lab) -> None:
    """Only what goes to v2 is copied."""
    _, v2, mirror = lab.http("v1", "v2", "m1")
    lab.rules("""
        - backendRefs:
            - {name: v1, port: 80}
            - name: v2
              port: 80
              filters: [{type: RequestMirror, requestMirror: {backendRef: {name: m1, port: 80}}}]
    """)
    counts = lab.count(60)
    assert lab.eventually(lambda: len(mirror.received) == counts["v2"])
    assert len(v2.received) == counts["v2"]


def test_cors(lab: Lab) -> None:
    """Answers of that backend are marked, those of the other are not."""
    lab.http("v1", "v2")
    lab.rules("""
        - backendRefs:
            - {name: v1, port: 80}
            - name: v2
              port: 80
              filters: [{type: CORS, cors: {allowOrigins: ["https://app.example.com"]}}]
    """)
    seen = {}
    with lab.session() as session:
        for _ in range(40):
            answer = session.ask("/", ("origin", "https://app.example.com"))
            seen[answer.who] = answer.header("access-control-allow-origin")
    assert seen == {"v1": None, "v2": "https://app.example.com"}


def test_response_headers_of_both_levels(lab: Lab) -> None:
    """The backend's own change comes first, the rule's has the last word on the way back."""
    lab.http("v1")
    lab.rules("""
        - filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: x-way, value: rule}]}}]
          backendRefs:
            - name: v1
              port: 80
              filters: [{type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: x-way, value: backend}]}}]
    """)
    assert sorted((lab.get().header("x-way") or "").replace(" ", "").split(",")) == ["backend", "rule"]
