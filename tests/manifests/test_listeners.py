"""Addresses of Gateways, and who has a port."""

from __future__ import annotations

import pytest

from compiling import codes, compiled, key
from tidegate.diagnostics import Found
from tidegate.manifests.apiops import ArtifactMemory
from tidegate.manifests.gateway_status import refused_status
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.plan import Plan
from tidegate.manifests.resolve import resolve
from tidegate.sources import SourceSet


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


def test_status_of_a_gateway_that_cannot_be_read() -> None:
    """Neither accepted nor programmed."""
    assert [c["status"] for c in refused_status(3)["conditions"]] == ["False", "False"]


def test_nothing_resolves_to_nothing() -> None:
    """No files, no findings, an empty plan."""
    found, sources = Found(), SourceSet()
    gathered = gather(sources, Memory(), found)
    plan = resolve(
        gathered, sources, bind="127.0.0.1", replicas={}, run_workloads=True, before=ArtifactMemory(), found=found
    )
    assert (plan.gateways, dict(plan.backends), plan.workloads) == (Plan().gateways, {}, ())
    assert not found
