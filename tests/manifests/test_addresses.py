"""Addresses of Gateways, and who has a port; the golden `listeners/addresses` shows those that cannot be had."""

from __future__ import annotations

import pytest

from compiling import codes, compiled, key


def gateways(*ports: int, **metadata: str) -> str:
    return "\n---\n".join(
        f"""
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: {name}, namespace: shop{metadata.get(name, "")}}}
spec: {{gatewayClassName: tidegate, listeners: [{{name: http, port: {port}, protocol: HTTP}}]}}"""
        for name, port in zip("abcdef", ports, strict=False)
    )


def addresses(text: str, *, bind: str = "127.0.0.1") -> dict[str, str]:
    return {g.name.name: g.address for g in compiled(text, bind=bind).world.gateways}


def test_gateways_share_an_address_until_they_want_one_port() -> None:
    """Only who comes second to a port moves."""
    assert addresses(gateways(80, 81, 80)) == {"a": "127.0.0.1", "b": "127.0.0.1", "c": "127.0.0.2"}


def test_older_gateway_keeps_its_address() -> None:
    """A creation timestamp makes older than a name."""
    text = gateways(80, 80, b=', creationTimestamp: "2026-01-01T00:00:00Z"')
    assert addresses(text) == {"a": "127.0.0.2", "b": "127.0.0.1"}


def test_loopback_addresses_follow_the_bind_address() -> None:
    """From the one that was given."""
    assert addresses(gateways(80, 80), bind="127.0.0.9") == {"a": "127.0.0.9", "b": "127.0.0.10"}


@pytest.mark.parametrize("bind", ["0.0.0.0", "::1", "127.0.0.254"])
def test_port_that_no_other_address_can_take(bind: str) -> None:
    """The second Gateway's listener is not served, and its status says PortUnavailable."""
    compilation = compiled(gateways(80, 80), bind=bind)
    assert codes(compilation) == ["TG4211"]
    assert [len(g.listeners) for g in compilation.world.gateways] == [1, 0]
    (listener,) = compilation.statuses[key("Gateway", "b")]["listeners"]
    assert listener["conditions"][0]["reason"] == "PortUnavailable"


def test_a_port_of_datagrams_is_another_port() -> None:
    """UDP and TCP of one number do not meet, so the Gateways share an address."""
    text = gateways(53, 53).replace("protocol: HTTP}", "protocol: UDP}", 1)
    assert addresses(text) == {"a": "127.0.0.1", "b": "127.0.0.1"}


def test_gateway_that_is_not_accepted_takes_no_port() -> None:
    """Whoever asks for an address of an unsupported type keeps nobody from a port."""
    refused = gateways(80, 80).replace(
        "gatewayClassName: tidegate,", "gatewayClassName: tidegate, addresses: [{type: Hostname, value: a.b}],", 1
    )
    assert addresses(refused)["b"] == "127.0.0.1"
