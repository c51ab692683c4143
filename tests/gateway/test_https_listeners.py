"""HTTPS listeners: certificates, server names, misdirected requests, client certificates (Listener.tls)."""

from __future__ import annotations

import ssl

import httpx2
import pytest

from gateway_certificates import authority, names_of
from gateway_lab import Lab, conditions

pytestmark = pytest.mark.e2e

ROUTE = """
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: v1, port: 80}]}]
"""

TWO = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: tidegate
  listeners:
    - name: shop
      port: 443
      protocol: HTTPS
      hostname: shop.example.com
      tls: {certificateRefs: [{name: shop}]}
    - name: rest
      port: 443
      protocol: HTTPS
      hostname: "*.example.com"
      tls: {certificateRefs: [{name: rest}]}
"""


def presented(lab: Lab, server_name: str) -> list[str]:
    """The names of the certificate that a listener presents."""
    context = authority().client()
    context.check_hostname = False
    with lab.connect(443, tls=context, server_name=server_name) as connection:
        assert isinstance(connection, ssl.SSLSocket)
        return names_of(connection.getpeercert(binary_form=True) or b"")


def listener_conditions(lab: Lab, number: int = 0, *, name: str = "edge") -> dict[str, str]:
    return conditions(lab.status("Gateway", name)["listeners"][number])


def test_each_listener_presents_its_certificate(lab: Lab) -> None:
    """By server name: the exact one before the wildcard; a name that no listener has gets no handshake."""
    lab.http("v1")
    lab.add(authority().secret("shop", "shop.example.com"))
    lab.add(authority().secret("rest", "*.example.com"))
    lab.apply(TWO + ROUTE)
    assert presented(lab, "shop.example.com") == ["shop.example.com"]
    assert presented(lab, "other.example.com") == ["*.example.com"]
    with pytest.raises((ssl.SSLError, OSError)):
        presented(lab, "elsewhere.test")
    answer = lab.get(port=443, tls=authority().client(), server_name="shop.example.com", host="shop.example.com")
    assert (answer.who, answer.got("x-forwarded-proto")) == ("v1", "https")


def test_misdirected_requests_are_421(lab: Lab) -> None:
    """A Host that belongs to another listener than the connection's server name (GEP-3567)."""
    lab.http("v1")
    lab.add(authority().secret("shop", "shop.example.com"))
    lab.add(authority().secret("rest", "*.example.com"))
    lab.apply(TWO + ROUTE)
    how = {"port": 443, "tls": authority().client()}
    assert lab.get(**how, server_name="rest.example.com", host="rest.example.com").status == 200
    assert lab.get(**how, server_name="rest.example.com", host="more.example.com").status == 200
    assert lab.get(**how, server_name="rest.example.com", host="shop.example.com").status == 421
    assert lab.get(**how, server_name="shop.example.com", host="rest.example.com").status == 421
    assert lab.get(**how, server_name="shop.example.com", host="elsewhere.test").status in {404, 421}


def test_http2_is_offered(lab: Lab) -> None:
    """By ALPN; TLS 1.2 and 1.3, nothing older."""
    lab.http("v1")
    lab.add(authority().secret("shop", "shop.example.com"))
    lab.add(authority().secret("rest", "*.example.com"))
    lab.apply(TWO + ROUTE)
    with lab.connect(443, tls=authority().client(alpn=("h2", "http/1.1")), server_name="shop.example.com") as one:
        assert isinstance(one, ssl.SSLSocket)
        assert (one.selected_alpn_protocol(), one.version()) == ("h2", "TLSv1.3")
    old = authority().client()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with lab.connect(443, tls=old, server_name="shop.example.com") as two:
        assert isinstance(two, ssl.SSLSocket)
        assert two.version() == "TLSv1.2"
    with httpx2.Client(http2=True, verify=authority().client(), trust_env=False) as client:
        answer = client.get(
            f"https://127.0.0.1:{443 + lab.offset}/",
            headers={"host": "shop.example.com"},
            extensions={"sni_hostname": "shop.example.com"},
        )
    assert (answer.status_code, answer.http_version) == (200, "HTTP/2")


def test_two_certificates_of_one_listener(lab: Lab) -> None:
    """The client's server name chooses among them."""
    lab.http("v1")
    lab.add(authority().secret("one", "one.example.com"))
    lab.add(authority().secret("two", "two.example.com"))
    lab.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners:
            - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: one}, {name: two}]}}
        """
        + ROUTE
    )
    assert presented(lab, "one.example.com") == ["one.example.com"]
    assert presented(lab, "two.example.com") == ["two.example.com"]


def test_a_rotated_certificate_is_presented(lab: Lab) -> None:
    """Connections that are open go on; new ones get the new certificate."""
    lab.http("v1")
    lab.add(authority().secret("rest", "*.example.com"))
    lab.add(authority().secret("shop", "shop.example.com"))
    lab.apply(TWO + ROUTE)
    name = "shop.example.com"
    with lab.session(port=443, tls=authority().client(), server_name=name) as session:
        assert session.ask(host=name).status == 200
        lab.services.pop()
        lab.add(authority().secret("shop", "shop.example.com", "new.example.com"))
        lab.apply(TWO + ROUTE)
        assert lab.eventually(lambda: "new.example.com" in presented(lab, name))
        assert session.ask(host=name).status == 200


@pytest.mark.parametrize(
    ("secret", "reference", "reason"),
    [
        ("none", "{name: cert}", "InvalidCertificateRef"),
        ("mismatched", "{name: cert}", "InvalidCertificateRef"),
        ("garbage", "{name: cert}", "InvalidCertificateRef"),
        ("far", "{name: cert, namespace: other}", "RefNotPermitted"),
        ("good", "{name: cert, group: example.com, kind: Vault}", "InvalidCertificateRef"),
    ],
)
def test_a_certificate_that_cannot_be_used(lab: Lab, secret: str, reference: str, reason: str) -> None:
    """The listener is not programmed, its condition and a diagnostic say why, and the other listener serves."""
    lab.http("v1")
    one, other = authority().secret("cert", "a.example.com"), authority().secret("cert", "a.example.com")
    match secret:
        case "mismatched":
            one["data"]["tls.key"] = other["data"]["tls.key"]
            lab.add(one)
        case "garbage":
            one["data"]["tls.crt"] = one["data"]["tls.key"]
            lab.add(one)
        case "far":
            lab.add(authority().secret("cert", "a.example.com", namespace="other"))
        case "good":
            lab.add(one)
    lab.apply(
        f"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {{name: edge}}
        spec:
          gatewayClassName: tidegate
          listeners:
            - name: https
              port: 443
              protocol: HTTPS
              tls:
                certificateRefs:
                  - {reference}
            - {{name: http, port: 80, protocol: HTTP}}
        """
        + ROUTE.replace("\n", "\n        "),
        errors=True,
    )
    assert lab.get().who == "v1"
    found = listener_conditions(lab)
    assert found["ResolvedRefs"] == f"False/{reason}"
    assert found["Programmed"].startswith("False")
    assert [place for place in lab.found() if place in {"a.yaml:13", "lab.yaml"} or place.startswith("lab.yaml")]


def test_an_expired_certificate_is_told(lab: Lab) -> None:
    """Pure compiling knows no time: what the shell would check is said by `check`; here the handshake shows it."""
    lab.http("v1")
    lab.add(authority().secret("shop", "shop.example.com", days=-1))
    lab.add(authority().secret("rest", "*.example.com"))
    lab.apply(TWO + ROUTE, errors=True)
    with pytest.raises(ssl.SSLError):
        lab.get(port=443, tls=authority().client(), server_name="shop.example.com", host="shop.example.com")


def test_a_grant_opens_a_certificate_of_another_namespace(lab: Lab) -> None:
    """ReferenceGrant from Gateway to Secret."""
    lab.http("v1")
    lab.add(authority().secret("cert", "shop.example.com", namespace="certificates"))
    lab.add("""
        apiVersion: gateway.networking.k8s.io/v1
        kind: ReferenceGrant
        metadata: {name: edge, namespace: certificates}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: default}]
          to: [{group: "", kind: Secret}]
    """)
    lab.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: edge}
        spec:
          gatewayClassName: tidegate
          listeners:
            - name: https
              port: 443
              protocol: HTTPS
              tls: {certificateRefs: [{name: cert, namespace: certificates}]}
        """
        + ROUTE.replace("\n", "\n        ")
    )
    assert presented(lab, "shop.example.com") == ["shop.example.com"]
    assert listener_conditions(lab)["ResolvedRefs"] == "True"


CLIENTS = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: tidegate
  listeners:
    - {name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}
    - {name: other, port: 8443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}
  tls:
    frontend:
      default:
        validation:
          caCertificateRefs: [{group: "", kind: ConfigMap, name: clients}]
      perPort:
        - port: 8443
          tls:
            validation:
              mode: AllowInsecureFallback
              caCertificateRefs: [{group: "", kind: ConfigMap, name: clients}]
"""


def refused(lab: Lab, port: int, context: ssl.SSLContext) -> bool:
    """Whether a client is turned away; with TLS 1.3 the alert comes after the client's handshake is done."""
    try:
        answer = lab.get(port=port, tls=context, server_name="shop.example.com", host="shop.example.com")
    except (ssl.SSLError, OSError, httpx2.HTTPError, EOFError):
        return True
    return answer.status != 200


def test_clients_must_present_a_certificate(lab: Lab) -> None:
    """Gateway.spec.tls.frontend: of the named authority; a port may have its own way."""
    lab.http("v1")
    lab.add(authority().secret("shop", "shop.example.com"))
    lab.add(authority("clients").config_map("clients"))
    lab.apply(CLIENTS + ROUTE)
    good = authority().client(authority("clients").leaf("alice@example.com", common_name="alice"))
    stranger = authority().client(authority("strangers").leaf("mallory@example.com", common_name="mallory"))
    expired = authority().client(authority("clients").leaf("old@example.com", common_name="old", days=-1))
    nobody = authority().client()
    assert [refused(lab, 443, each) for each in (good, stranger, expired, nobody)] == [False, True, True, True]
    assert [refused(lab, 8443, each) for each in (good, stranger, nobody)] == [False, False, False]


def test_a_client_authority_that_is_not_there_closes_the_listener(lab: Lab) -> None:
    """Without knowing whom to trust nobody is let in; the condition says so."""
    lab.http("v1")
    lab.add(authority().secret("shop", "shop.example.com"))
    lab.apply(CLIENTS + ROUTE, errors=True)
    with pytest.raises((ssl.SSLError, OSError)):
        lab.get(port=443, tls=authority().client(), server_name="shop.example.com")
    assert listener_conditions(lab)["ResolvedRefs"].startswith("False/")
    assert any(place.startswith("a.yaml:") for place in lab.found())


def test_what_clients_claim_of_their_certificate_is_not_believed(lab: Lab) -> None:
    """x-forwarded-client-cert is the gateway's to say."""
    lab.http("v1")
    lab.add(authority().secret("shop", "shop.example.com"))
    lab.add(authority("clients").config_map("clients"))
    lab.apply(CLIENTS + ROUTE)
    answer = lab.get(
        "/",
        ("x-forwarded-client-cert", "Subject=forged"),
        port=8443,
        tls=authority().client(),
        server_name="shop.example.com",
        host="shop.example.com",
    )
    assert "forged" not in (answer.got("x-forwarded-client-cert") or "")
