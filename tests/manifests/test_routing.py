"""Routes with all that belongs to them: order between kinds, what closes them, what their status says."""

from __future__ import annotations

from compiling import TESTDATA_BASE, compiled, key
from tidegate.manifests.routes import CLOSED
from tidegate.model import Redirect

SHOP = (TESTDATA_BASE / "shop.yaml").read_text("utf-8")
HTTP = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: cart, port: 80}]}]
"""
GRPC = HTTP.replace("HTTPRoute", "GRPCRoute").replace("backendRefs", "matches: [{}], backendRefs")


def test_grpc_comes_before_http() -> None:
    """Of one name, at one host: the GRPCRoute takes gRPC requests only, so an HTTPRoute for `/` leaves it those."""
    compilation = compiled(SHOP + HTTP + GRPC)
    routes = compilation.world.gateways[0].listeners[0].routes
    assert [(route.id, route.match.grpc) for route in routes] == [("grpc/shop/r#0.0", True), ("shop/r#0.0", False)]
    assert compilation.statuses[key("Gateway", "edge")]["listeners"][0]["attachedRoutes"] == 2
    assert len(compilation.world.backends) == 2


def test_redirect_knows_its_listener() -> None:
    """The port of a redirect without one is the listener's, as the specification counts."""
    rule = "filters: [{type: RequestRedirect, requestRedirect: {path: {type: ReplaceFullPath, replaceFullPath: /x}}}]"
    text = SHOP.replace("port: 80, protocol: HTTP}", "port: 80, protocol: HTTP}, {name: b, port: 81, protocol: HTTP}")
    compilation = compiled(text + HTTP.replace("backendRefs: [{name: cart, port: 80}]", rule))
    actions = [listener.routes[0].action for listener in compilation.world.gateways[0].listeners]
    assert [action.port for action in actions if isinstance(action, Redirect)] == [80, 81]


def test_malformed_route_answers_503_and_is_not_counted() -> None:
    """Until it is right: what it was to serve is not another route's."""
    compilation = compiled(SHOP + HTTP.replace("rules: [{", "rules: [{colour: red, "))
    (route,) = compilation.world.gateways[0].listeners[0].routes
    assert route.action == CLOSED
    assert compilation.statuses[key("Gateway", "edge")]["listeners"][0]["attachedRoutes"] == 0


def test_some_rules_invalid() -> None:
    """PartiallyInvalid with its own words, beside Accepted; it is there only where some rules are valid."""
    twice = "{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: a, value: b}], remove: [A]}}"
    bad = f"{{filters: [{twice}], backendRefs: [{{name: cart, port: 80}}]}}"
    partly = compiled(SHOP + HTTP.replace("rules: [", f"rules: [{bad}, "))
    wholly = compiled(SHOP + HTTP.replace("rules: [{backendRefs: [{name: cart, port: 80}]}]", f"rules: [{bad}]"))
    said = [
        {c["type"]: c["status"] for c in each.statuses[key("HTTPRoute", "r")]["parents"][0]["conditions"]}
        for each in (partly, wholly)
    ]
    assert said == [
        {"Accepted": "True", "ResolvedRefs": "True", "PartiallyInvalid": "True"},
        {"Accepted": "False", "ResolvedRefs": "True"},
    ]
    message = partly.statuses[key("HTTPRoute", "r")]["parents"][0]["conditions"][2]["message"]
    assert message.startswith("Dropped Rule")


def test_policy_over_a_grpc_route() -> None:
    """An ApimPolicy may target one."""
    policy = """
---
apiVersion: tidegate.dev/v1alpha1
kind: ApimPolicy
metadata: {name: p, namespace: shop}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: GRPCRoute, name: r}]
  policy: {inline: "<policies><inbound><base /></inbound><backend><base /></backend></policies>"}
"""
    compilation = compiled(SHOP + GRPC + policy)
    assert not compilation.has_errors, compilation.diagnostics
    assert compilation.world.gateways[0].listeners[0].routes[0].program is not None


STREAMS = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners: [{name: tcp, port: 5432, protocol: TCP}]
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop, annotations: {tidegate.dev/endpoints: "127.0.0.1:8001"}}
spec: {ports: [{port: 5432}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: {name: db, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: db, port: 5432}]}]
"""


def test_streams_are_refused_where_a_protecting_policy_cannot_be_read() -> None:
    """A file that may hold a BackendTLSPolicy: bytes must not go in the clear because it is broken."""
    good = compiled(STREAMS)
    closed = compiled({"a.yaml": STREAMS, "b.yaml": "kind: BackendTLSPolicy\nspec: ["})
    backends = [
        [weighted.backend for stream in listener.stream_routes for weighted in stream.backends]
        for compilation in (good, closed)
        for listener in compilation.world.gateways[0].listeners
    ]
    assert [len(each) for each in backends] == [1, 0]
