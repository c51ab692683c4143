"""The index of policies by Service."""

from __future__ import annotations

import pytest

from attached import manifests_of
from tidegate.manifests.alb.targets import NONE, policies_of_services, wanted_by
from tidegate.manifests.schema.alb import ApplicationLoadBalancer

SERVICES = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {ports: [{name: https, port: 443}]}
---
apiVersion: v1
kind: Service
metadata: {name: stock, namespace: shop}
spec: {ports: [{port: 80}]}
"""
GRANT = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: {name: g, namespace: shop}
spec:
  from: [{group: alb.networking.azure.io, kind: %s, namespace: other}]
  to: [{group: "", kind: Service%s}]
"""


def health(name: str, namespace: str = "shop", target: str = "cart") -> str:
    return f"""
---
apiVersion: alb.networking.azure.io/v1
kind: HealthCheckPolicy
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{targetRef: {{group: "", kind: Service, name: {target}, namespace: shop}}}}
"""


def tls(target: str, name: str = "t", kind: str = "Service", group: str = '""') -> str:
    return f"""
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {{name: {name}, namespace: shop}}
spec:
  targetRefs: [{{group: {group}, kind: {kind}, name: {target}}}]
  validation: {{hostname: a.test, wellKnownCACertificates: System}}
"""


def test_by_service_the_oldest_first() -> None:
    """Names decide where no timestamp does; a Service that nobody names is not there."""
    index = policies_of_services(manifests_of(SERVICES + health("b") + health("a") + tls("cart")), "shop")
    assert [key.name for key in index["cart"].health] == ["a", "b"]
    assert [key.name for key in index["cart"].tls] == ["t"]
    assert "stock" not in index


@pytest.mark.parametrize(
    ("grant", "named"),
    [
        ("", False),
        (GRANT % ("HealthCheckPolicy", ""), True),
        (GRANT % ("HealthCheckPolicy", ", name: cart"), True),
        (GRANT % ("HealthCheckPolicy", ", name: stock"), False),
        (GRANT % ("RoutePolicy", ""), False),
    ],
)
def test_policies_of_other_namespaces(grant: str, named: bool) -> None:
    """As far as a ReferenceGrant lets them."""
    index = policies_of_services(manifests_of(SERVICES + health("a", "other") + grant), "shop")
    assert bool(index.get("cart", NONE).health) is named


@pytest.mark.parametrize(
    ("policies", "meant"),
    [
        (tls("crat"), {"cart"}),
        (tls("cart", kind="Deployment", group="apps"), {"cart"}),
        (tls("nothing-like-it"), set()),
        (tls("crat") + tls("cart", "own"), set()),
        (health("a", target="crat"), set()),
    ],
)
def test_what_a_misspelt_policy_means(policies: str, meant: set[str]) -> None:
    """Only one that protects, only what is nearly of its name, and only what no other policy protects."""
    index = policies_of_services(manifests_of(SERVICES + policies), "shop")
    assert {name for name, each in index.items() if each.meant} == meant


def test_only_policies_of_services_name_services() -> None:
    """Asking anything else is a mistake of ours."""
    (other,) = manifests_of(
        "{apiVersion: alb.networking.azure.io/v1, kind: ApplicationLoadBalancer, metadata: {name: a}, spec: {}}"
    ).of(ApplicationLoadBalancer)
    with pytest.raises(TypeError, match="does not attach to Services"):
        wanted_by(other)
