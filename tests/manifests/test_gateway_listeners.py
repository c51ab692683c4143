"""Listeners as routes see them: by name, by port, and by the object that they stand in."""

from __future__ import annotations

from compiling import compiled, key

TEXT = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  allowedListeners: {namespaces: {from: Same}}
  listeners: [{name: http, port: 80, protocol: HTTP}, {name: more, port: 81, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {name: set, namespace: shop}
spec:
  parentRef: {name: edge}
  listeners: [{name: http, port: 82, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  parentRefs: [PARENT]
  rules: [{matches: [{path: {value: /}}]}]
"""


def reached(parent: str) -> list[str]:
    compilation = compiled(TEXT.replace("PARENT", parent))
    listeners = [listener for gateway in compilation.world.gateways for listener in gateway.listeners]
    return [listener.name for listener in listeners if listener.routes]


def test_a_parent_names_its_own_listeners() -> None:
    """A Gateway's are not its ListenerSets', though these may have the same names (GEP-1713)."""
    assert reached("{name: edge}") == ["http", "more"]
    assert reached("{name: edge, sectionName: http}") == ["http"]
    assert reached("{name: edge, port: 81}") == ["more"]
    assert reached("{name: edge, port: 82}") == []
    assert reached("{kind: ListenerSet, name: set}") == ["shop/set/http"]
    assert reached("{kind: ListenerSet, name: set, sectionName: http}") == ["shop/set/http"]
    assert reached("{name: edge, sectionName: http, port: 81}") == []


def test_counts_are_by_listener() -> None:
    """attachedRoutes of a Gateway and of its ListenerSet."""
    compilation = compiled(TEXT.replace("PARENT", "{kind: ListenerSet, name: set}, {name: edge, sectionName: more}"))
    gateway, listeners = compilation.statuses[key("Gateway", "edge")], compilation.statuses[key("ListenerSet", "set")]
    assert [each["attachedRoutes"] for each in gateway["listeners"]] == [0, 1]
    assert [each["attachedRoutes"] for each in listeners["listeners"]] == [1]
