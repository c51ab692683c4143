"""ListenerSets; the golden `listeners/listener-sets` shows who joins, in which order, and what each is told."""

from __future__ import annotations

import pytest

from compiling import codes, compiled, key
from tidegate.pipeline import Compilation


def world(*, allowed: str = "", parent: str = "{name: edge}", gateway_class: str = "tidegate") -> str:
    return f"""
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: edge, namespace: shop}}
spec:
  gatewayClassName: {gateway_class}
  {allowed}
  listeners: [{{name: http, port: 80, protocol: HTTP}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {{name: more, namespace: shop, generation: 4}}
spec:
  parentRef: {parent}
  listeners: [{{name: http, port: 81, protocol: HTTP}}]
"""


SAME = "allowedListeners: {namespaces: {from: Same}}"


def accepted(compilation: Compilation) -> str:
    found = compilation.statuses[key("ListenerSet", "more")]["conditions"][0]
    return f"{found['status']} {found['reason']} @{found['observedGeneration']}"


def names(compilation: Compilation) -> list[str]:
    return [listener.name for gateway in compilation.world.gateways for listener in gateway.listeners]


def test_none_joins_unless_the_gateway_says_so() -> None:
    """AllowedListeners: the default lets none in."""
    closed, opened = compiled(world()), compiled(world(allowed=SAME))
    assert (codes(closed), names(closed), accepted(closed)) == (["TG4503"], ["http"], "False NotAllowed @4")
    assert (codes(opened), names(opened)) == ([], ["http", "shop/more/http"])
    assert accepted(opened) == "True Accepted @4"
    assert opened.statuses[key("Gateway", "edge")]["attachedListenerSets"] == 1
    assert closed.statuses[key("Gateway", "edge")]["attachedListenerSets"] == 0


@pytest.mark.parametrize("parent", ["{name: egde}", "{kind: Service, name: edge}"])
def test_parent_that_is_no_gateway(parent: str) -> None:
    """Told where it stands."""
    assert codes(compiled(world(allowed=SAME, parent=parent))) == ["TG4502"]


def test_gateway_of_somebody_else() -> None:
    """A ListenerSet of a foreign Gateway is not ours to judge: no status."""
    foreign = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: GatewayClass\nmetadata: {name: other}\n"
    foreign += "spec: {controllerName: example.com/other}\n"
    compilation = compiled(world(allowed=SAME, gateway_class="other") + foreign)
    assert key("ListenerSet", "more") not in compilation.statuses
    assert not compilation.has_errors


def test_gateway_that_is_not_accepted() -> None:
    """ParentNotAccepted, and nothing is served."""
    compilation = compiled(world(allowed=SAME + "\n  addresses: [{type: Hostname, value: a.example.com}]"))
    assert accepted(compilation) == "False ParentNotAccepted @4"
    assert names(compilation) == []


def test_malformed_listener_set() -> None:
    """Its last good version goes on; a first one answers 503 where it could be read."""
    good = compiled(world(allowed=SAME))
    broken = world(allowed=SAME).replace("port: 81,", "port: 81, colour: red,")
    kept = compiled(broken, previous=good)
    assert names(kept) == ["http", "shop/more/http"]
    assert accepted(kept).startswith("False Invalid")
    assert accepted(compiled(broken)).startswith("False Invalid")
