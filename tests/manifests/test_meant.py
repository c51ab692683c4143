"""Which kind a document with a wrong one was probably meant to be."""

from __future__ import annotations

import pytest

from tidegate.diagnostics import Found
from tidegate.manifests.meant import meant_kind, policy_of
from tidegate.sources import Mapping, Source
from tidegate.sources.yaml import read_yaml


def node(text: str) -> Mapping:
    (tree,) = read_yaml(Source("a.yaml", text), Found(), {})
    assert isinstance(tree, Mapping)
    return tree


@pytest.mark.parametrize(
    ("group", "kind", "spec", "meant"),
    [
        ("gateway.networking.k8s.io", "HttpRoute", "{}", "HTTPRoute"),
        ("", "HTTPRoute", "{}", "HTTPRoute"),
        ("", "", "{targetRefs: [], limits: []}", "RateLimitPolicy"),
        ("alb.networking.azure.io", "FrontendTlsPolicy", "{}", "FrontendTLSPolicy"),
        ("gateway.networking.k8s.io", "Gatewayy", "{}", None),
        ("tidegate.dev", "ApimPolicies", "{}", None),
        ("", "Deployment", "{}", None),
    ],
)
def test_routes_and_protecting_policies_are_recognised(group: str, kind: str, spec: str, meant: str | None) -> None:
    """By nearly the same name, or by fields that only one kind has; an ApimPolicy closes its namespace instead."""
    found = meant_kind(node(f"spec: {spec}\n"), group, kind)
    assert (found.name if found else None) == meant


def test_namespace_that_a_lost_policy_may_cover() -> None:
    """The default one where none is given; none for what is no policy."""
    assert policy_of(node("metadata: {namespace: shop}\n"), "tidegate.dev", "ApimPolicie") == "shop"
    assert policy_of(node("spec: {targetRefs: [], policy: {}}\n"), "", "Thing") == "default"
    assert policy_of(node("metadata: {namespace: shop}\n"), "", "HTTPRoute") is None
