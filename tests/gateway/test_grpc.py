"""GRPCRoute: matching, weights, filters, and all four kinds of calls."""

from __future__ import annotations

import textwrap

import grpc
import pytest

from gateway_lab import Lab, parent_conditions

pytestmark = pytest.mark.e2e


def rules(lab: Lab, text: str, *, errors: bool = False) -> None:
    """A GRPCRoute of the Gateway `edge` with these rules."""
    head = """\
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: calls}
spec:
  parentRefs: [{name: edge}]
  rules:
"""
    lab.apply(head + textwrap.indent(textwrap.dedent(text).lstrip("\n"), "    "), errors=errors)


def call(lab: Lab, method: str, *metadata: tuple[str, str], authority: str = "gateway.test") -> str:
    """What answered a unary call: the backend's name, or the status."""
    with lab.channel(authority=authority) as channel:
        try:
            answer: bytes = channel.unary_unary(method)(b"hello", metadata=metadata, timeout=60)
        except grpc.RpcError as error:
            return str(error.code().name)  # type: ignore[attr-defined]  # grpcio has no types
    return answer.decode().partition(":")[0]


def test_every_kind_of_call(lab: Lab) -> None:
    """Unary, and the three kinds of streams."""
    lab.grpc("v1")
    rules(lab, "- backendRefs: [{name: v1, port: 80}]")
    with lab.channel() as channel:
        assert channel.unary_unary("/shop.Cart/Get")(b"a", timeout=60) == b"v1: a"
        assert list(channel.unary_stream("/shop.Cart/Stream")(b"a", timeout=60)) == [b"v1: a0", b"v1: a1", b"v1: a2"]
        assert channel.stream_unary("/shop.Cart/Collect")(iter([b"a", b"b"]), timeout=60) == b"v1: a+b"
        chat = channel.stream_stream("/shop.Cart/Chat")
        assert list(chat(iter([b"a", b"b"]), timeout=60)) == [b"v1: a", b"v1: b"]


def test_methods_match_exactly(lab: Lab) -> None:
    """Service and method, service alone, method alone; what nothing matches is UNIMPLEMENTED."""
    lab.grpc("both", "service", "method")
    rules(
        lab,
        """
        - {matches: [{method: {service: shop.Cart, method: Get}}], backendRefs: [{name: both, port: 80}]}
        - {matches: [{method: {service: shop.Cart}}], backendRefs: [{name: service, port: 80}]}
        - {matches: [{method: {type: Exact, method: Pay}}], backendRefs: [{name: method, port: 80}]}
    """,
    )
    methods = ("/shop.Cart/Get", "/shop.Cart/Put", "/any.Thing/Pay", "/shop.Cart/Pay", "/shop.cart/Get", "/a.B/Get")
    assert [call(lab, method) for method in methods] == [
        "both", "service", "method", "service", "UNIMPLEMENTED", "UNIMPLEMENTED",
    ]  # fmt: skip


def test_methods_match_by_expression(lab: Lab) -> None:
    """RegularExpression: each part as a whole."""
    lab.grpc("v1")
    rules(
        lab,
        """
        - matches: [{method: {type: RegularExpression, service: "shop\\\\.[A-Z][a-z]+", method: "Get.*"}}]
          backendRefs: [{name: v1, port: 80}]
    """,
    )
    methods = ("/shop.Cart/GetAll", "/shop.Cart/Put", "/my.shop.Cart/Get", "/shop.CART/Get")
    assert [call(lab, method) for method in methods] == ["v1", "UNIMPLEMENTED", "UNIMPLEMENTED", "UNIMPLEMENTED"]


def test_headers(lab: Lab) -> None:
    """Metadata, exactly or by expression; more headers win."""
    lab.grpc("plain", "one", "two")
    rules(
        lab,
        """
        - {backendRefs: [{name: plain, port: 80}]}
        - {matches: [{headers: [{name: X-Version, value: two}]}], backendRefs: [{name: one, port: 80}]}
        - matches: [{headers: [{name: x-version, value: two}, {name: color, type: RegularExpression, value: "b.*"}]}]
          backendRefs: [{name: two, port: 80}]
    """,
    )
    assert call(lab, "/a.B/C") == "plain"
    assert call(lab, "/a.B/C", ("x-version", "two")) == "one"
    assert call(lab, "/a.B/C", ("x-version", "two"), ("color", "blue")) == "two"


def test_hostnames_and_weights(lab: Lab) -> None:
    """As for HTTPRoutes; a share that does not resolve fails by itself, as UNAVAILABLE."""
    lab.grpc("v1")
    lab.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: {name: calls}
        spec:
          parentRefs: [{name: edge}]
          hostnames: [grpc.example.com]
          rules:
            - backendRefs: [{name: v1, port: 80, weight: 1}, {name: nowhere, port: 80, weight: 1}]
        """,
        errors=True,
    )
    with lab.channel(authority="grpc.example.com") as channel:
        unary, answers = channel.unary_unary("/a.B/C"), []
        for _ in range(120):
            try:
                answers.append(unary(b"x", timeout=60).decode()[:2])
            except grpc.RpcError as error:
                answers.append(error.code().name)  # type: ignore[attr-defined]  # grpcio has no types
    assert set(answers) == {"v1", "UNAVAILABLE"}
    assert 30 < answers.count("v1") < 90
    assert call(lab, "/a.B/C", authority="other.example.com") == "UNIMPLEMENTED"
    assert parent_conditions(lab.status("GRPCRoute", "calls"))["ResolvedRefs"] == "False/BackendNotFound"


def test_filters(lab: Lab) -> None:
    """Header modifiers and mirrors act on calls, of the rule and of one backend."""
    v1, mirror = lab.grpc("v1", "m1")
    rules(
        lab,
        """
        - filters:
            - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-by, value: edge}], remove: [x-gone]}}
            - {type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: x-from, value: edge}]}}
            - {type: RequestMirror, requestMirror: {backendRef: {name: m1, port: 80}}}
          backendRefs:
            - name: v1
              port: 80
              filters:
                - {type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-backend, value: v1}]}}
    """,
    )
    with lab.channel() as channel:
        _, made = channel.unary_unary("/a.B/C").with_call(b"x", metadata=(("x-gone", "1"),), timeout=60)
        assert ("x-from", "edge") in [tuple(pair) for pair in made.initial_metadata()]
    (seen,) = v1.calls
    assert (seen.header("x-by"), seen.header("x-backend"), seen.header("x-gone")) == ("edge", "v1", None)
    assert lab.eventually(lambda: mirror.calls)


def test_a_failed_call_keeps_its_status(lab: Lab) -> None:
    """Trailers and their codes pass unchanged."""
    (v1,) = lab.grpc("v1")
    v1.failures.append(grpc.StatusCode.RESOURCE_EXHAUSTED)
    rules(lab, "- backendRefs: [{name: v1, port: 80}]")
    assert call(lab, "/a.B/C") == "RESOURCE_EXHAUSTED"
    assert call(lab, "/a.B/C") == "v1"


def test_calls_and_pages_share_a_host(lab: Lab) -> None:
    """A GRPCRoute and an HTTPRoute on different hosts of one listener."""
    lab.grpc("calls")
    lab.http("pages")
    lab.apply("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: {name: calls}
        spec:
          parentRefs: [{name: edge}]
          hostnames: [grpc.example.com]
          rules: [{backendRefs: [{name: calls, port: 80}]}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: pages}
        spec:
          parentRefs: [{name: edge}]
          hostnames: [www.example.com]
          rules: [{backendRefs: [{name: pages, port: 80}]}]
    """)
    assert call(lab, "/a.B/C", authority="grpc.example.com") == "calls"
    assert lab.get(host="www.example.com").who == "pages"
