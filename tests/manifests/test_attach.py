"""Routes at listeners: what the golden cases do not show."""

from __future__ import annotations

from compiling import TESTDATA_BASE, codes, compiled, key
from tidegate.diagnostics import Span
from tidegate.manifests.plan import NamedValueText

SHOP = (TESTDATA_BASE / "shop.yaml").read_text("utf-8")
ROUTE = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  parentRefs: [{name: edge}, {name: edge, sectionName: http}, {name: edge, port: 80}]
  rules: [{backendRefs: [{name: cart, port: 80}]}]
"""


def test_route_reached_by_several_parents_is_there_once() -> None:
    """Each parent has its status; the listener counts one route."""
    compilation = compiled(SHOP + ROUTE)
    (gateway,) = compilation.world.gateways
    assert len(gateway.listeners[0].routes) == 1
    assert compilation.statuses[key("Gateway", "edge")]["listeners"][0]["attachedRoutes"] == 1
    assert len(compilation.statuses[key("HTTPRoute", "r")]["parents"]) == 3


def test_route_of_a_malformed_gateway_is_no_second_finding() -> None:
    """The Gateway's own finding says it."""
    broken = SHOP.replace("port: 80, protocol", "port: x, protocol") + ROUTE
    assert codes(compiled(broken)) == ["TG1113"]


def test_route_of_a_listener_in_conflict_is_no_second_finding() -> None:
    """But it is not accepted there."""
    listeners = "[{name: http, port: 80, protocol: HTTP}, {name: b, port: 80, protocol: HTTP}]"
    text = SHOP.replace("[{name: http, port: 80, protocol: HTTP}]", listeners) + ROUTE
    compilation = compiled(text)
    assert codes(compilation) == ["TG4208"]
    parent = compilation.statuses[key("HTTPRoute", "r")]["parents"][0]
    assert parent["conditions"][0]["reason"] == "NotAllowedByListeners"


def test_named_values_that_are_secret_do_not_print() -> None:
    """A traceback or a log may hold the value's owner."""
    place = Span("a", 1, 1, 1, 1)
    assert "hunter2" not in repr(NamedValueText("key", "hunter2", secret=True, span=place))
    assert "open" in repr(NamedValueText("key", "open", secret=False, span=place))


def test_a_gateway_of_another_namespace_is_pointed_at() -> None:
    """Without a namespace the route's own is meant, which people forget."""
    text = SHOP + ROUTE.replace("namespace: shop}", "namespace: web}").replace("[{name: edge},", "[{name: edge}] #")
    (told, *_) = compiled(text).diagnostics
    assert told.code.code == "TG4201"
    assert told.help == "Gateway shop/edge exists: add `namespace: shop` to the parentRef"
