"""Gateways that are ours, with everything that decides whether they serve."""

from __future__ import annotations

from compiling import compiled, key

GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec:
  gatewayClassName: tidegate
  listeners: [{name: http, port: 80, protocol: HTTP}, {name: https, port: 443, protocol: HTTPS}]
"""


def test_listener_without_a_certificate_does_not_open_its_port() -> None:
    """The others do."""
    compilation = compiled(GATEWAY)
    assert [listener.name for listener in compilation.world.gateways[0].listeners] == ["http"]
    status = compilation.statuses[key("Gateway", "edge")]
    assert [c["reason"] for c in status["conditions"]] == ["ListenersNotValid", "Programmed", "ListenersNotResolved"]


def test_gateway_of_an_unsupported_address_serves_nothing() -> None:
    """Not accepted is not served, and no address is claimed."""
    text = GATEWAY.replace("  listeners", "  addresses: [{type: NamedAddress, value: x}]\n  listeners")
    compilation = compiled(text)
    assert not compilation.world.gateways[0].listeners
    assert compilation.statuses[key("Gateway", "edge")]["addresses"] == []


def test_infrastructure_is_accepted() -> None:
    """Labels and annotations for what a controller would create: nothing is created here, so nothing needs them."""
    text = GATEWAY.replace("  listeners", "  infrastructure: {labels: {a: b}, annotations: {c: d}}\n  listeners")
    assert [g.name.name for g in compiled(text).world.gateways] == ["edge"]
    assert len(compiled(text).diagnostics) == len(compiled(GATEWAY).diagnostics)
