"""Requests that try to walk around a route: spellings of paths, forged headers, smuggled lengths."""

from __future__ import annotations

import contextlib

import httpx2
import pytest

from gateway_lab import Lab
from recording_backends import Reply

pytestmark = pytest.mark.e2e

RULES = """
- {matches: [{path: {value: /public}}], backendRefs: [{name: public, port: 80}]}
- matches: [{path: {value: /public/admin}, headers: [{name: x-admin, value: "yes"}]}]
  backendRefs: [{name: admin, port: 80}]
- {matches: [{path: {value: /public/admin}}]}
"""

FIRST = """
apiVersion: tidegate.dev/v1alpha1
kind: RateLimitPolicy
metadata: {name: first-of-a-listener}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop}]
  limits: [{calls: 1, period: 1h}]
"""


@pytest.mark.parametrize(
    "path",
    ["/public/x/../admin", "/public//admin", "/public/./admin", "/public/%61dmin", "//public/admin", "/public/admin?x"],
)
def test_one_spelling_of_a_path(lab: Lab, path: str) -> None:
    """What a rule closes stays closed, however its path is spelt."""
    public, admin = lab.http("public", "admin")
    lab.rules(RULES)
    assert lab.get(path).status in {400, 404, 500}
    assert public.received == []
    assert admin.received == []


@pytest.mark.parametrize("path", ["/public%2Fadmin", "/public/..%2Fadmin", "/public%5Cadmin"])
def test_escaped_slashes_are_refused(lab: Lab, path: str) -> None:
    """Backends disagree on what they mean."""
    public, _ = lab.http("public", "admin")
    lab.rules(RULES)
    assert lab.get(path).status in {400, 404}
    assert public.received == []


@pytest.mark.parametrize(
    "name",
    [
        "x-gateway-authorization",
        "X-Gateway_Authorization",
        "x_gateway_authorization",
        "x-envoy-original-path",
        "x-forwarded-client-cert",
        "X_Forwarded_Client_Cert",
        "x-forwarded-client_cert",
        "x-forwarded.proto",
        "x_forwarded-for",
    ],
)
def test_headers_that_only_the_gateway_says(lab: Lab, name: str) -> None:
    """No spelling of them reaches a backend with a client's words in it."""
    lab.http("v1")
    lab.rules("- backendRefs: [{name: v1, port: 80}]")
    answer = lab.get("/", (name, "forged"))
    assert "forged" not in str(answer.json["headers"])


@pytest.mark.parametrize(
    "head",
    [
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: a\r\nx bad: 1\r\n\r\n",
        "GET / HTTP/1.1\r\nhost : a\r\n\r\n",
    ],
)
def test_malformed_requests(lab: Lab, head: str) -> None:
    """What two programs could read differently is refused (RFC 9112 sections 3.2, 5.1, 6.1)."""
    (v1,) = lab.http("v1")
    lab.rules("- backendRefs: [{name: v1, port: 80}]")
    with lab.connect(80) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).split()[1:2] == [b"400"]
    assert v1.received == []


def test_a_client_cannot_choose_timeouts_or_retries(lab: Lab) -> None:
    """Envoy's own request headers have no meaning from outside."""
    (v1,) = lab.http("v1")
    lab.rules("- backendRefs: [{name: v1, port: 80}]")
    v1.replies.append(Reply(status=503))
    forged = (("x-envoy-retry-on", "5xx"), ("x-envoy-max-retries", "9"), ("x-envoy-upstream-rq-timeout-ms", "1"))
    assert lab.get("/", *forged).status == 503
    assert len(v1.received) == 1


def test_the_first_policy_holds_for_connections_that_are_open(lab: Lab) -> None:
    """They may be refused, since their listener is being replaced, but pass no request around the policy."""
    (v1,) = lab.http("v1")
    rules = "- {name: all, backendRefs: [{name: v1, port: 80}]}"
    lab.rules(rules)
    with lab.session() as session:
        assert session.ask("/").status == 200
        lab.add(FIRST)
        lab.rules(rules)
        lab.eventually(lambda: lab.get("/").status == 429)
        seen = len(v1.received)
        with contextlib.suppress(OSError, EOFError, httpx2.HTTPError):
            assert session.ask("/").status in {429, 503}
        assert len(v1.received) == seen
