"""What is spoken: WebSocket, server-sent events, HTTP/2 from clients and to backends (appProtocol, GEP-1911)."""

from __future__ import annotations

import httpx2
import pytest

from gateway_lab import Lab
from recording_backends import Reply, http2

pytestmark = pytest.mark.e2e


def test_websockets(lab: Lab) -> None:
    """An upgrade passes, and frames go both ways for as long as both want."""
    (v1,) = lab.http("v1")
    lab.rules("- {matches: [{path: {value: /chat}}], backendRefs: [{name: v1, port: 80}]}")
    with lab.websocket("/chat") as socket:
        assert socket.status == 101
        assert [socket.say(text) for text in ("hello", "again")] == ["hello", "again"]
    assert v1.last.path == "/chat"


def test_websockets_to_a_service_that_says_so(lab: Lab) -> None:
    """appProtocol kubernetes.io/ws; filters of the rule act on the handshake; the route's timeout does not end it."""
    (v1,) = lab.http("v1", app_protocol="kubernetes.io/ws")
    lab.rules("""
        - timeouts: {request: 100ms}
          filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-by, value: edge}]}}]
          backendRefs: [{name: v1, port: 80}]
    """)
    with lab.websocket("/chat") as socket:
        assert socket.status == 101
        assert socket.say("hello") == "hello"
    assert v1.last.header("x-by") == "edge"


def test_a_websocket_goes_where_its_route_says(lab: Lab) -> None:
    """No route, no upgrade."""
    lab.http("v1")
    lab.rules("- {matches: [{path: {value: /chat}}], backendRefs: [{name: v1, port: 80}]}")
    with lab.websocket("/other") as socket:
        assert socket.status == 404


def test_events_arrive_while_the_answer_goes_on(lab: Lab) -> None:
    """Server-sent events are not held back: the first is read before the second is sent."""
    (v1,) = lab.http("v1")
    v1.default = Reply(headers=(("content-type", "text/event-stream"),), parts=(b"data: 1\n\n", b"data: 2\n\n"))
    lab.rules("- backendRefs: [{name: v1, port: 80}]")
    with lab.session() as session:
        answer = session.begin("/events")
        assert answer.getheader("content-type") == "text/event-stream"
        assert answer.read1(100) == b"data: 1\n\n"
        v1.next_part()
        assert answer.read1(100) == b"data: 2\n\n"
        assert answer.read() == b""


def test_h2c_backends(lab: Lab) -> None:
    """appProtocol kubernetes.io/h2c: HTTP/2 with prior knowledge, whatever the client speaks."""
    (v1,) = lab.http("v1", talk=http2, app_protocol="kubernetes.io/h2c")
    lab.rules("- backendRefs: [{name: v1, port: 80}]")
    answer = lab.get("/a?b=c", ("x-mine", "1"), host="shop.example.com", method="POST", body=b"hello")
    assert answer.who == "v1"
    assert (v1.last.version, v1.last.host, v1.last.path, v1.last.body) == (
        "HTTP/2", "shop.example.com", "/a?b=c", b"hello",
    )  # fmt: skip


def test_a_service_speaks_one_protocol_a_port(lab: Lab) -> None:
    """Two ports of one Service, of which only one speaks HTTP/2."""
    (plain,) = lab.endpoints(1)
    (h2c,) = lab.http("unused", talk=http2)
    lab.apply(f"""
        apiVersion: v1
        kind: Service
        metadata: {{name: both}}
        spec:
          ports: [{{name: http, port: 80}}, {{name: h2c, port: 81, appProtocol: kubernetes.io/h2c}}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {{name: both-1, labels: {{kubernetes.io/service-name: both}}}}
        addressType: IPv4
        ports: [{{name: http, port: {plain.port}}}, {{name: h2c, port: {h2c.port}}}]
        endpoints: [{{addresses: [127.0.0.1]}}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {{name: shop}}
        spec:
          parentRefs: [{{name: edge}}]
          rules:
            - {{matches: [{{path: {{value: /one}}}}], backendRefs: [{{name: both, port: 80}}]}}
            - {{matches: [{{path: {{value: /two}}}}], backendRefs: [{{name: both, port: 81}}]}}
    """)
    assert lab.get("/one").status == 200
    assert lab.get("/two").status == 200
    assert (plain.last.version, h2c.last.version) == ("HTTP/1.1", "HTTP/2")


def test_clients_may_speak_http2_in_the_clear(lab: Lab) -> None:
    """With prior knowledge, on the same port as HTTP/1.1."""
    lab.http("v1")
    lab.rules("- backendRefs: [{name: v1, port: 80}]")
    with httpx2.Client(http1=False, http2=True, trust_env=False) as client:
        answer = client.get(f"http://127.0.0.1:{80 + lab.offset}/a")
    assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
    assert lab.get("/a").status == 200


def test_long_answers_stream(lab: Lab) -> None:
    """Megabytes in both directions, unchanged."""
    (v1,) = lab.http("v1")
    v1.default = Reply(body=b"y" * 3_000_000)
    lab.rules("- backendRefs: [{name: v1, port: 80}]")
    answer = lab.get(method="POST", body=b"x" * 3_000_000)
    assert answer.body == b"y" * 3_000_000
    assert v1.last.body == b"x" * 3_000_000
