"""Which of several policies a port follows."""

from __future__ import annotations

import pytest

from attached import manifests_of
from tidegate.diagnostics import Found
from tidegate.manifests.alb.holders import conflict, holder
from tidegate.manifests.alb.targets import policies_of_services, wanted_by
from tidegate.manifests.schema.core import Service
from tidegate.manifests.schema.gateway_api import BackendTLSPolicy

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {ports: [{name: https, port: 443}, {name: http, port: 80}]}
"""


def policy(name: str, section: str = "", created: str = "") -> str:
    return f"""
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {{name: {name}, namespace: shop{f", creationTimestamp: '{created}'" if created else ""}}}
spec:
  targetRefs: [{{group: "", kind: Service, name: cart{f", sectionName: {section}" if section else ""}}}]
  validation: {{hostname: {name}.test, wellKnownCACertificates: System}}
"""


@pytest.mark.parametrize(
    ("policies", "holders", "losers"),
    [
        ([policy("a"), policy("b")], ["a", "a"], ["b"]),
        ([policy("a"), policy("b", created="2026-01-01T00:00:00Z")], ["b", "b"], ["a"]),
        (
            [policy("a", created="2026-02-01T00:00:00Z"), policy("b", created="2026-01-01T00:00:00Z")],
            ["b", "b"],
            ["a"],
        ),
        ([policy("a"), policy("b", "https")], ["b", "a"], []),
        ([policy("a", "https"), policy("b", "https"), policy("c", "http")], ["a", "c"], ["b"]),
        ([policy("a", "nowhere")], [None, None], []),
        ([], [None, None], []),
    ],
)
def test_who_has_a_port(policies: list[str], holders: list[str | None], losers: list[str]) -> None:
    """One that names it, then the older, then by name; the others are in conflict unless they are for all of it."""
    manifests = manifests_of(SERVICE + "".join(policies))
    (service,) = manifests.of(Service)
    named = policies_of_services(manifests, "shop").get("cart")
    keys = named.tls if named is not None else ()
    held = [holder(manifests, BackendTLSPolicy, keys, service, port) for port in service.body.spec.ports]
    assert [each.key.name if each is not None else None for each in held] == holders
    found = Found()
    in_conflict = [
        each.key.name
        for each in manifests.of(BackendTLSPolicy)
        for wanted in wanted_by(each)
        if conflict(manifests, each, wanted, keys, service, found) is not None
    ]
    assert in_conflict == losers
    assert [each.code.code for each in found] == ["TG4704"] * len(losers)
