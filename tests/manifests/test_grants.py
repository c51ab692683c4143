"""ReferenceGrants."""

from __future__ import annotations

import pytest

from compiling import sources_of
from tidegate.diagnostics import Found
from tidegate.manifests.gather import Memory, gather
from tidegate.manifests.grants import grant_to_add, malformed_grant, permitted
from tidegate.model import ObjectKey

GRANT = """
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: g, namespace: stock}
spec:
  from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop}]
  to: [{group: "", kind: Service, name: books}, {group: "", kind: ConfigMap}]
"""
ROUTE = ObjectKey("gateway.networking.k8s.io", "HTTPRoute", "shop", "r")


@pytest.mark.parametrize(
    ("referrer", "target", "allowed"),
    [
        (ROUTE, ObjectKey("", "Service", "shop", "any"), True),
        (ROUTE, ObjectKey("", "Service", "stock", "books"), True),
        (ROUTE, ObjectKey("", "Service", "stock", "films"), False),
        (ROUTE, ObjectKey("", "ConfigMap", "stock", "films"), True),
        (ROUTE, ObjectKey("", "Secret", "stock", "books"), False),
        (ROUTE, ObjectKey("", "Service", "other", "books"), False),
        (ObjectKey(ROUTE.group, "HTTPRoute", "other", "r"), ObjectKey("", "Service", "stock", "books"), False),
        (ObjectKey(ROUTE.group, "Gateway", "shop", "r"), ObjectKey("", "Service", "stock", "books"), False),
    ],
)
def test_reference_across_namespaces(referrer: ObjectKey, target: ObjectKey, *, allowed: bool) -> None:
    """Group, kind and namespace of the referrer, group, kind and name of the target, in the target's namespace."""
    manifests = gather(sources_of({"a.yaml": GRANT}), Memory(), Found()).manifests
    assert permitted(manifests, referrer=referrer, target=target) is allowed


def test_malformed_grant_is_told_once() -> None:
    """Whoever relied on it is not at fault."""
    broken = gather(sources_of({"a.yaml": GRANT.replace("  to:", "  too:")}), Memory(), Found()).manifests
    assert malformed_grant(broken, "stock")
    assert not malformed_grant(broken, "shop")


def test_grant_to_add_is_the_one_that_is_missing() -> None:
    """Pasted from the finding's help, it allows the reference and no other."""
    target = ObjectKey("", "Service", "stock", "books")
    text = grant_to_add(referrer=ROUTE, target=target)
    found = Found()
    manifests = gather(sources_of({"a.yaml": text}), Memory(), found).manifests
    assert not list(found)
    assert permitted(manifests, referrer=ROUTE, target=target)
    assert not permitted(manifests, referrer=ROUTE, target=ObjectKey("", "Service", "stock", "films"))
    assert not permitted(manifests, referrer=ObjectKey(ROUTE.group, "GRPCRoute", "shop", "r"), target=target)
