"""The product's BackendTLSPolicy, and the Gateway API's before it."""

from __future__ import annotations

from attached import manifests_of
from authorities import Authority
from tidegate.diagnostics import Found
from tidegate.manifests.alb import backend_settings, says_tls
from tidegate.model import BackendTls, Certificate, ObjectName

SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {ports: [{name: https, port: 443}, {name: http, port: 80}]}
"""
CART = ObjectName("shop", "cart")


def product(default: str, name: str = "p", more: str = "") -> str:
    return f"""
---
apiVersion: alb.networking.azure.io/v1
kind: BackendTLSPolicy
metadata: {{name: {name}, namespace: shop{more}}}
spec:
  targetRef: {{group: "", kind: Service, name: cart}}
  {default}
"""


def standard(section: str = "") -> str:
    return f"""
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {{name: s, namespace: shop}}
spec:
  targetRefs: [{{group: "", kind: Service, name: cart{section}}}]
  validation: {{hostname: standard.test, wellKnownCACertificates: System}}
"""


def server_names(text: str) -> list[str | None]:
    """The SNI of both ports."""
    manifests, found = manifests_of(text), Found()
    settings = [backend_settings(manifests, CART, port, found) for port in (443, 80)]
    return [each.tls.server_name if each.tls is not None else None for each in settings]


def test_ports() -> None:
    """Some ports, or all."""
    assert server_names(SERVICE + product("default: {sni: a.test, ports: [{port: 443}]}")) == ["a.test", None]
    assert server_names(SERVICE + product("default: {sni: a.test}")) == ["a.test", "a.test"]
    assert server_names(SERVICE) == [None, None]


def test_the_gateway_apis_kind_comes_first() -> None:
    """Where both want a port; the product's keeps the others, whichever is more specific."""
    own = product("default: {sni: product.test, ports: [{port: 443}]}")
    assert server_names(SERVICE + own + standard()) == ["standard.test", "standard.test"]
    whole = product("default: {sni: product.test}")
    assert server_names(SERVICE + whole + standard(", sectionName: https")) == ["standard.test", "product.test"]


def test_an_older_policy_comes_first() -> None:
    """By its timestamp; without one it counts as youngest."""
    first = product("default: {sni: a.test}", "a")
    second = product("default: {sni: b.test}", "b", ", creationTimestamp: '2026-01-01T00:00:00Z'")
    assert server_names(SERVICE + first + second) == ["b.test", "b.test"]


def test_a_certificate_of_the_gateways_own() -> None:
    """From a Secret of type kubernetes.io/tls; the backend is verified as well."""
    authority = Authority()
    leaf = authority.issue("gateway.test")
    secrets = f"""
---
apiVersion: v1
kind: Secret
metadata: {{name: client, namespace: shop}}
type: kubernetes.io/tls
stringData: {{tls.crt: {leaf.chain_pem!r}, tls.key: {leaf.key_pem!r}}}
---
apiVersion: v1
kind: Secret
metadata: {{name: ca, namespace: shop}}
stringData: {{ca.crt: {authority.pem!r}}}
"""
    secrets = secrets.replace("'", '"')
    default = "default: {sni: a.test, clientCertificateRef: {name: client}, verify: {caCertificateRef: {name: ca}}}"
    found = Found()
    settings = backend_settings(manifests_of(SERVICE + product(default) + secrets), CART, 443, found)
    certificate = Certificate(ObjectName("shop", "client"), leaf.chain_pem, leaf.key_pem)
    assert settings.tls == BackendTls("a.test", (authority.pem,), (), certificate)


def test_who_says_tls() -> None:
    """Also a policy that says it badly: what it closes is not spoken to in the clear."""
    manifests = manifests_of(
        SERVICE + product("default: {verify: {caCertificateRef: {name: nowhere}}, ports: [{port: 443}]}")
    )
    assert says_tls(manifests, CART, 443)
    assert not says_tls(manifests, CART, 80)
    assert not says_tls(manifests, ObjectName("shop", "nowhere"), 443)
    found = Found()
    assert backend_settings(manifests, CART, 443, found).closed
    assert [d.code.code for d in found] == ["TG4710"]
    assert not backend_settings(manifests, CART, 80, found).closed


def test_a_malformed_policy_closes_its_service() -> None:
    """What can be read of it says which; where nothing can, every Service without a policy of its own is closed."""
    broken = product("default: {sni: 5}")
    manifests = manifests_of(SERVICE + broken)
    assert backend_settings(manifests, CART, 443, Found()).why_closed == "BackendTLSPolicy shop/p is malformed"
    lost = manifests_of(SERVICE + broken.replace("targetRef:", "targetReff:"))
    assert "is malformed" in backend_settings(lost, CART, 80, Found()).why_closed
    covered = manifests_of(SERVICE + broken.replace("targetRef:", "targetReff:") + standard())
    assert not backend_settings(covered, CART, 80, Found()).closed
