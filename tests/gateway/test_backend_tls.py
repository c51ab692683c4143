"""TLS to backends: BackendTLSPolicy of the Gateway API, and the Gateway's own client certificate."""

from __future__ import annotations

import pytest

from gateway_certificates import authority, tls_secret
from gateway_lab import Lab, conditions, parent_conditions
from recording_backends import Backend, http2

pytestmark = pytest.mark.e2e

ROUTE = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: v1, port: 80}]}]
---
"""

POLICY = (
    ROUTE
    + """
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: v1}
spec:
  targetRefs: [{group: "", kind: Service, name: v1}]
  validation:
    caCertificateRefs: [{group: "", kind: ConfigMap, name: backends}]
    hostname: v1.internal
"""
)


def secure(lab: Lab, *hosts: str, **how: object) -> Backend:
    """The backend v1 over TLS, with a certificate of the authority `backends` for these hosts."""
    (v1,) = lab.http("v1", tls=authority("backends").server(*hosts, **how))  # type: ignore[arg-type]  # passed on
    lab.add(authority("backends").config_map("backends"))
    return v1


def policy_conditions(lab: Lab, name: str = "v1") -> dict[str, str]:
    return conditions(lab.status("BackendTLSPolicy", name)["ancestors"][0])


def test_a_backend_is_verified(lab: Lab) -> None:
    """By authority and hostname, which is the SNI as well; the Host stays the client's."""
    v1 = secure(lab, "v1.internal")
    lab.apply(POLICY)
    answer = lab.get(host="shop.example.com")
    assert (answer.who, v1.last.peer.server_name, v1.last.host) == ("v1", "v1.internal", "shop.example.com")
    assert policy_conditions(lab) == {"Accepted": "True", "ResolvedRefs": "True"}


def test_a_backend_with_another_name_is_not_talked_to(lab: Lab) -> None:
    """The request never leaves the gateway."""
    v1 = secure(lab, "other.internal")
    lab.apply(POLICY)
    assert lab.get().status in {502, 503}
    assert v1.received == []


def test_a_backend_of_another_authority_is_not_talked_to(lab: Lab) -> None:
    """Whatever its name is."""
    (v1,) = lab.http("v1", tls=authority("strangers").server("v1.internal"))
    lab.add(authority("backends").config_map("backends"))
    lab.apply(POLICY)
    assert lab.get().status in {502, 503}
    assert v1.received == []


@pytest.mark.parametrize(
    ("names", "reached"),
    [
        ("[{type: Hostname, hostname: other.internal}]", True),
        ('[{type: Hostname, hostname: "*.internal"}]', True),
        ("[{type: Hostname, hostname: nobody.internal}, {type: Hostname, hostname: other.internal}]", True),
        ("[{type: Hostname, hostname: nobody.internal}]", False),
        ('[{type: URI, uri: "spiffe://example.com/v1"}]', False),
    ],
)
def test_subject_alternative_names(lab: Lab, names: str, reached: bool) -> None:
    """One of the names must be in the certificate; `hostname` is then only the SNI."""
    v1 = secure(lab, "other.internal")
    lab.apply(POLICY.rstrip() + f"\n    subjectAltNames: {names}\n")
    assert (lab.get().status == 200) is reached
    assert bool(v1.received) is reached


def test_system_authorities_do_not_vouch_for_ours(lab: Lab) -> None:
    """wellKnownCACertificates System: the operating system's list, in which our test authority is not."""
    v1 = secure(lab, "v1.internal")
    lab.apply(
        POLICY.replace(
            'caCertificateRefs: [{group: "", kind: ConfigMap, name: backends}]', "wellKnownCACertificates: System"
        )
    )
    assert lab.get().status in {502, 503}
    assert v1.received == []
    assert policy_conditions(lab)["Accepted"] == "True"


def test_a_policy_for_one_port(lab: Lab) -> None:
    """sectionName names a port; the others are spoken to in the clear."""
    v1 = secure(lab, "v1.internal")
    (plain,) = lab.endpoints(1)
    lab.services.clear()
    lab.add(authority("backends").config_map("backends"))
    lab.apply(f"""
apiVersion: v1
kind: Service
metadata: {{name: v1}}
spec: {{ports: [{{name: https, port: 443}}, {{name: http, port: 80}}]}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: v1-1, labels: {{kubernetes.io/service-name: v1}}}}
addressType: IPv4
ports: [{{name: https, port: {v1.port}}}, {{name: http, port: {plain.port}}}]
endpoints: [{{addresses: [127.0.0.1]}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: shop}}
spec:
  parentRefs: [{{name: edge}}]
  rules:
    - {{matches: [{{path: {{value: /tls}}}}], backendRefs: [{{name: v1, port: 443}}]}}
    - {{matches: [{{path: {{value: /plain}}}}], backendRefs: [{{name: v1, port: 80}}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {{name: v1}}
spec:
  targetRefs: [{{group: "", kind: Service, name: v1, sectionName: https}}]
  validation:
    caCertificateRefs: [{{group: "", kind: ConfigMap, name: backends}}]
    hostname: v1.internal
""")
    assert lab.get("/tls").who == "v1"
    assert lab.get("/plain").who == "e1"


def test_of_two_policies_the_older_counts(lab: Lab) -> None:
    """The other is Conflicted, and says so."""
    secure(lab, "v1.internal")
    younger = POLICY.partition("---\n")[2].replace("metadata: {name: v1}", "metadata: {name: a-younger}")
    lab.apply(
        POLICY.replace("metadata: {name: v1}", 'metadata: {name: v1, creationTimestamp: "2026-01-01T00:00:00Z"}')
        + "---\n"
        + younger.replace("v1.internal", "wrong.internal"),
        errors=True,
    )
    assert lab.get().who == "v1"
    assert policy_conditions(lab)["Accepted"] == "True"
    assert policy_conditions(lab, "a-younger")["Accepted"] == "False/Conflicted"


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ('{group: "", kind: ConfigMap, name: nowhere}', "InvalidCACertificateRef"),
        ('{group: "", kind: Banana, name: backends}', "InvalidKind"),
    ],
)
def test_an_authority_that_does_not_resolve_closes_the_backend(lab: Lab, reference: str, reason: str) -> None:
    """Nothing goes out unverified: 500, ResolvedRefs and Accepted say why."""
    v1 = secure(lab, "v1.internal")
    lab.apply(POLICY.replace('{group: "", kind: ConfigMap, name: backends}', reference), errors=True)
    assert lab.get().status in {500, 502, 503}
    assert v1.received == []
    found = policy_conditions(lab)
    assert found["ResolvedRefs"] == f"False/{reason}"
    assert found["Accepted"] == "False/NoValidCACertificate"
    assert any(place.startswith("a.yaml:") for place in lab.found())


def test_a_config_map_without_a_certificate(lab: Lab) -> None:
    """`ca.crt` must hold PEM."""
    v1 = secure(lab, "v1.internal")
    lab.services.pop()
    lab.add({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "backends"}, "data": {"ca.crt": "hello"}})
    lab.apply(POLICY, errors=True)
    assert lab.get().status in {500, 502, 503}
    assert v1.received == []
    assert policy_conditions(lab)["ResolvedRefs"] == "False/InvalidCACertificateRef"


def test_the_gateway_presents_its_certificate(lab: Lab) -> None:
    """Gateway.spec.tls.backend.clientCertificateRef, to backends that TLS is spoken with."""
    v1 = secure(lab, "v1.internal", clients=authority("gateways"))
    lab.add(tls_secret("edge-client", authority("gateways").leaf("edge.internal", common_name="edge")))
    gateway = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: tidegate
  listeners: [{name: http, port: 80, protocol: HTTP}]
  tls: {backend: {clientCertificateRef: {name: edge-client}}}
---
"""
    lab.apply(gateway + POLICY)
    assert lab.get().who == "v1"
    assert v1.last.peer.certificate == "edge"
    assert conditions(lab.status("Gateway", "edge"))["ResolvedRefs"] == "True"


def test_a_client_certificate_that_is_not_there(lab: Lab) -> None:
    """The Gateway says so; what needs it does not work, what does not goes on."""
    secure(lab, "v1.internal", clients=authority("gateways"))
    gateway = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: tidegate
  listeners: [{name: http, port: 80, protocol: HTTP}]
  tls: {backend: {clientCertificateRef: {name: nowhere}}}
---
"""
    lab.apply(gateway + POLICY, errors=True)
    assert lab.get().status in {500, 502, 503}
    assert conditions(lab.status("Gateway", "edge"))["ResolvedRefs"].startswith("False/")


def test_http2_over_tls(lab: Lab) -> None:
    """HTTP/2 by ALPN where the port says h2c and a policy says TLS."""
    tls = authority("backends").server("v1.internal", alpn=("h2",))
    (v1,) = lab.http("v1", talk=http2, tls=tls, app_protocol="kubernetes.io/h2c")
    lab.add(authority("backends").config_map("backends"))
    lab.apply(POLICY)
    assert lab.get().who == "v1"
    assert (v1.last.version, v1.last.peer.alpn) == ("HTTP/2", "h2")


def test_websockets_over_tls(lab: Lab) -> None:
    """appProtocol kubernetes.io/wss with a policy."""
    (v1,) = lab.http("v1", tls=authority("backends").server("v1.internal"), app_protocol="kubernetes.io/wss")
    lab.add(authority("backends").config_map("backends"))
    lab.apply(POLICY)
    with lab.websocket("/chat") as socket:
        assert socket.say("hello") == "hello"
    assert v1.last.peer.server_name == "v1.internal"


def test_wss_without_a_policy_is_refused(lab: Lab) -> None:
    """Whom to trust there nobody said: UnsupportedProtocol, and no request goes out in the clear."""
    (v1,) = lab.http("v1", app_protocol="kubernetes.io/wss")
    lab.apply(ROUTE, errors=True)
    assert lab.get().status == 500
    assert v1.received == []
    assert parent_conditions(lab.status("HTTPRoute", "shop"))["ResolvedRefs"] == "False/UnsupportedProtocol"
