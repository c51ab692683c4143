"""CORS: the gateway answers preflights and marks answers (HTTPCORSFilter, WHATWG Fetch)."""

from __future__ import annotations

import pytest

from gateway_clients import Answer
from gateway_lab import Lab
from recording_backends import Reply

pytestmark = pytest.mark.e2e

RULES = """
- matches: [{path: {value: /api}, method: %s}]
  filters:
    - type: CORS
      cors:
        allowOrigins: ["https://app.example.com", "https://*.trusted.org"]
        allowMethods: [GET, PUT]
        allowHeaders: [content-type, x-token]
        exposeHeaders: [x-total]
        allowCredentials: true
        maxAge: 600
  backendRefs: [{name: v1, port: 80}]
"""


def preflight(lab: Lab, origin: str, method: str = "PUT", path: str = "/api") -> Answer:
    """What a browser asks before a request that is not simple."""
    return lab.get(path, ("origin", origin), ("access-control-request-method", method), method="OPTIONS")


def values(answer: Answer, name: str) -> set[str]:
    """A list header's items in lower case."""
    return {item.strip().lower() for item in (answer.header(f"access-control-{name}") or "").split(",")} - {""}


def test_preflights_are_answered_by_the_gateway(lab: Lab) -> None:
    """Also for a rule that matches another method; the backend never sees them."""
    (v1,) = lab.http("v1")
    lab.rules(RULES % "PUT")
    answer = preflight(lab, "https://app.example.com")
    assert answer.status in {200, 204}
    assert answer.header("access-control-allow-origin") == "https://app.example.com"
    assert values(answer, "allow-methods") == {"get", "put"}
    assert values(answer, "allow-headers") == {"content-type", "x-token"}
    assert answer.header("access-control-allow-credentials") == "true"
    assert answer.header("access-control-max-age") == "600"
    assert v1.received == []


def test_a_stranger_gets_no_permission(lab: Lab) -> None:
    """No header that would let the browser go on; origins match whole, wildcards only below."""
    lab.http("v1")
    lab.rules(RULES % "PUT")
    for origin in (
        "https://evil.example.com",
        "http://app.example.com",
        "https://trusted.org",
        "https://a.trusted.org.evil",
    ):
        assert preflight(lab, origin).header("access-control-allow-origin") is None, origin
    assert preflight(lab, "https://a.trusted.org").header("access-control-allow-origin") == "https://a.trusted.org"


def test_simple_requests_are_marked(lab: Lab) -> None:
    """The answer names the origin and what scripts may read; requests of strangers pass unmarked."""
    lab.http("v1")
    lab.rules(RULES % "GET")
    answer = lab.get("/api", ("origin", "https://app.example.com"))
    assert answer.who == "v1"
    assert answer.header("access-control-allow-origin") == "https://app.example.com"
    assert values(answer, "expose-headers") == {"x-total"}
    assert answer.header("access-control-allow-credentials") == "true"
    stranger = lab.get("/api", ("origin", "https://evil.test"))
    assert stranger.who == "v1"
    assert stranger.header("access-control-allow-origin") is None
    assert lab.get("/api").header("access-control-allow-origin") is None


def test_every_origin(lab: Lab) -> None:
    """`*` for origins and methods, without credentials."""
    lab.http("v1")
    lab.rules("""
        - filters: [{type: CORS, cors: {allowOrigins: ["*"], allowMethods: ["*"], allowHeaders: ["*"]}}]
          backendRefs: [{name: v1, port: 80}]
    """)
    answer = preflight(lab, "https://anybody.test", "DELETE")
    assert answer.header("access-control-allow-origin") in {"*", "https://anybody.test"}
    assert values(answer, "allow-methods") & {"*", "delete"}
    assert answer.header("access-control-allow-credentials") is None
    assert lab.get("/", ("origin", "https://anybody.test")).header("access-control-allow-origin")


def test_the_backends_own_answer_is_not_doubled(lab: Lab) -> None:
    """A browser refuses two Access-Control-Allow-Origin; the gateway's counts."""
    (v1,) = lab.http("v1")
    v1.default = Reply(headers=(("access-control-allow-origin", "https://wrong.test"),))
    lab.rules(RULES % "GET")
    answer = lab.get("/api", ("origin", "https://app.example.com"))
    assert answer.all("access-control-allow-origin") == ["https://app.example.com"]
