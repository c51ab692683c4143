"""Certificates of a Gateway's clients, and the one that it shows to backends: what each mistake is told as."""

from __future__ import annotations

import json

import pytest
import yaml

from compiling import codes, compiled, key
from gateway_certificates import authority
from tidegate.model import BackendId, ClientValidation, ListenerTls, ObjectName
from tidegate.pipeline import Compilation


def gateway(listeners: str, *, tls: str = "") -> str:
    return f"""
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: edge, namespace: shop}}
spec:
  gatewayClassName: tidegate
  listeners: {listeners}
{tls}
"""


HTTPS = "[{name: https, port: 443, protocol: HTTPS, hostname: a.example.com, tls: {certificateRefs: [{name: cert}]}}]"


def world(*objects: object, listeners: str = HTTPS, tls: str = "") -> str:
    made = [yaml.safe_dump(json.loads(json.dumps(each))) for each in objects]
    return "\n---\n".join([gateway(listeners, tls=tls), *made])


def cert(name: str = "cert", host: str = "a.example.com", *, namespace: str = "shop", days: int = 30) -> object:
    return authority().secret(name, host, namespace=namespace, days=days)


def bundle(name: str = "ca", *, namespace: str = "shop") -> object:
    return authority().config_map(name, namespace=namespace)


def conditions(compilation: Compilation, listener: int = 0) -> dict[str, str]:
    (status,) = compilation.statuses[key("Gateway", "edge")]["listeners"][listener : listener + 1]
    return {c["type"]: f"{c['status']} {c['reason']}" for c in status["conditions"]}


def gateway_conditions(compilation: Compilation) -> dict[str, str]:
    status = compilation.statuses[key("Gateway", "edge")]
    return {c["type"]: f"{c['status']} {c['reason']}" for c in status["conditions"]}


def tls_of(compilation: Compilation) -> ListenerTls | None:
    served = compilation.world.gateways[0].listeners
    return served[0].tls if served else None


def refs(*references: str, mode: str = "AllowValidOnly") -> str:
    listed = ", ".join(f"{{group: '', {each}}}" for each in references)
    return f"  tls: {{frontend: {{default: {{validation: {{mode: {mode}, caCertificateRefs: [{listed}]}}}}}}}}"


def test_clients_are_checked() -> None:
    """The bundle is what is in `ca.crt`, certificates only; the default is for every HTTPS port."""
    seen = compiled(world(cert(), bundle(), tls=refs("kind: ConfigMap, name: ca")))
    assert not codes(seen)
    tls = tls_of(seen)
    assert tls is not None
    assert tls.client_validation == ClientValidation((authority().pem,))
    assert "InsecureFrontendValidationMode" not in gateway_conditions(seen)


def test_insecure_fallback_is_told() -> None:
    """AllowInsecureFallback: a condition of the Gateway as long as it is so."""
    seen = compiled(world(cert(), bundle(), tls=refs("kind: ConfigMap, name: ca", mode="AllowInsecureFallback")))
    assert gateway_conditions(seen)["InsecureFrontendValidationMode"] == "True ConfigurationChanged"
    tls = tls_of(seen)
    assert tls is not None
    assert tls.client_validation is not None
    assert tls.client_validation.optional


def test_a_port_of_its_own() -> None:
    """perPort replaces the default as a whole."""
    default = (
        "  tls: {frontend: {default: {validation: {caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]}}, "
    )
    default += "perPort: [{port: 443, tls: {}}]}}"
    seen = compiled(world(cert(), bundle(), tls=default))
    tls = tls_of(seen)
    assert tls is not None
    assert tls.client_validation is None


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("kind: ConfigMap, name: missing", "InvalidCACertificateRef"),
        ("kind: ConfigMap, name: empty", "InvalidCACertificateRef"),
        ("kind: ConfigMap, name: garbage", "InvalidCACertificateRef"),
        ("kind: Secret, name: missing", "InvalidCACertificateRef"),
        ("kind: Service, name: ca", "InvalidCACertificateKind"),
        ("kind: ConfigMap, name: ca, namespace: other", "RefNotPermitted"),
    ],
)
def test_authority_that_cannot_be_had(reference: str, reason: str) -> None:
    """The listener is not accepted and does not serve: nobody is let in unchecked."""
    empty = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "empty", "namespace": "shop"}, "data": {}}
    garbage = {**empty, "metadata": {"name": "garbage", "namespace": "shop"}, "data": {"ca.crt": "nothing"}}
    seen = compiled(world(cert(), bundle(namespace="other"), empty, garbage, tls=refs(reference)))
    assert codes(seen) == ["TG4505"]
    assert conditions(seen) == {
        "Accepted": "False NoValidCACertificate",
        "Conflicted": "False NoConflicts",
        "ResolvedRefs": f"False {reason}",
        "Programmed": "False Invalid",
    }
    assert tls_of(seen) is None


def test_one_authority_of_two() -> None:
    """The good one is used; ResolvedRefs tells of the other."""
    seen = compiled(world(cert(), bundle(), tls=refs("kind: ConfigMap, name: ca", "kind: ConfigMap, name: missing")))
    assert conditions(seen)["ResolvedRefs"] == "False InvalidCACertificateRef"
    assert conditions(seen)["Accepted"] == "True Accepted"
    assert tls_of(seen) is not None


def test_authority_in_a_secret() -> None:
    """As Application Gateway for Containers has it."""
    seen = compiled(world(cert(), authority().ca_secret("ca", namespace="shop"), tls=refs("kind: Secret, name: ca")))
    assert not codes(seen)


@pytest.mark.parametrize(
    ("reference", "reason"),
    [("name: missing", "InvalidClientCertificateRef"), ("name: mine, namespace: other", "RefNotPermitted")],
)
def test_certificate_that_the_gateway_cannot_show(reference: str, reason: str) -> None:
    """A condition of the Gateway, which is accepted all the same."""
    tls = f"  tls: {{backend: {{clientCertificateRef: {{{reference}}}}}}}"
    seen = compiled(world(cert(), cert("mine", namespace="other"), tls=tls))
    assert codes(seen) == ["TG4506"]
    assert gateway_conditions(seen)["ResolvedRefs"] == f"False {reason}"
    assert gateway_conditions(seen)["Accepted"] == "True Accepted"


def test_certificate_that_the_gateway_shows() -> None:
    """Only to backends that TLS is spoken to, as backends of their own."""
    text = world(
        cert(), cert("mine", "edge.shop"), bundle(), tls="  tls: {backend: {clientCertificateRef: {name: mine}}}"
    )
    text += """
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {tidegate.dev/endpoints: "127.0.0.1:8001"}}
spec: {ports: [{port: 443, appProtocol: https}, {port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: cart, namespace: shop}
spec:
  targetRefs: [{group: "", kind: Service, name: cart}]
  validation: {hostname: cart.example.com, caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: cart, port: 443}]}]
"""
    seen = compiled(text)
    assert not seen.has_errors, seen.diagnostics
    ((id_, backend),) = [(i, b) for i, b in seen.world.backends.items() if b.tls is not None]
    assert id_ == BackendId(ObjectName("shop", "cart"), 443, "+shop/edge")
    assert backend.tls is not None
    assert backend.tls.client_certificate is not None
    assert backend.tls.client_certificate.name == ObjectName("shop", "mine")


def test_settings_for_a_port_without_https_are_told() -> None:
    """A slip in the port would let everybody in at the one that was meant."""
    frontend = """  tls:
    frontend:
      default: {}
      perPort:
        - {port: 444, tls: {validation: {caCertificateRefs: [{group: '', kind: ConfigMap, name: ca}]}}}
"""
    compilation = compiled(world(cert(), bundle(), tls=frontend))
    assert codes(compilation) == ["TG4510"]
    assert compilation.diagnostics[0].help == "its HTTPS listeners are at 443"
    assert codes(compiled(world(cert(), bundle(), tls=frontend.replace("444", "443")))) == []
