"""Application Gateway for Containers' policies: HealthCheckPolicy, RoutePolicy, FrontendTLSPolicy, BackendTLSPolicy."""

from __future__ import annotations

import ssl

import grpc
import pytest

from gateway_certificates import authority, tls_secret
from gateway_lab import Lab, conditions
from recording_backends import Backend, Reply

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


def policy(kind: str, default: str, *, target: str = 'group: "", kind: Service, name: v1', name: str = "policy") -> str:
    """A policy of this group with `default` settings."""
    return f"""
apiVersion: alb.networking.azure.io/v1
kind: {kind}
metadata: {{name: {name}}}
spec:
  targetRef: {{{target}}}
  default: {{{default}}}
---
"""


def accepted(lab: Lab, kind: str, name: str = "policy") -> str:
    return conditions(lab.status(kind, name, group="alb.networking.azure.io"))["Accepted"]


def pool(lab: Lab) -> list[Backend]:
    """Two endpoints behind one Service."""
    endpoints = lab.endpoints(2)
    lab.service("v1", *(one.endpoint for one in endpoints))
    return endpoints


def serving(lab: Lab, *names: str) -> bool:
    """Wait until exactly these endpoints answer."""
    return lab.eventually(lambda: set(lab.count(12)) == set(names))


# -- HealthCheckPolicy ------------------------------------------------------------------------------------------------


def test_probes_as_the_policy_says(lab: Lab) -> None:
    """Path, host, interval and the product's User-Agent; requests go only to those that pass."""
    one, two = pool(lab)
    two.default = Reply(status=503)
    settings = "interval: 1s, timeout: 1s, healthyThreshold: 1, unhealthyThreshold: 1"
    lab.apply(ROUTE + policy("HealthCheckPolicy", f"{settings}, http: {{host: probe.example.com, path: /healthz}}"))
    assert serving(lab, "e1")
    probes = [each for each in one.received if each.path == "/healthz"]
    assert probes
    assert (probes[0].method, probes[0].host) == ("GET", "probe.example.com")
    assert accepted(lab, "HealthCheckPolicy") == "True"
    two.default = Reply()
    assert serving(lab, "e1", "e2")


def test_probes_by_status(lab: Lab) -> None:
    """match.statusCodes: ranges with both ends."""
    one, two = pool(lab)
    one.default, two.default = Reply(status=404), Reply(status=405)
    match = "{statusCodes: [{start: 200, end: 200}, {start: 401, end: 404}]}"
    settings = "interval: 1s, timeout: 1s, healthyThreshold: 1, unhealthyThreshold: 1"
    lab.apply(ROUTE + policy("HealthCheckPolicy", f"{settings}, http: {{path: /healthz, match: {match}}}"))
    assert lab.eventually(lambda: set(lab.count(12)) == {"404"})


def test_probes_by_body(lab: Lab) -> None:
    """match.body: text that the answer must contain."""
    one, two = pool(lab)
    one.default, two.default = Reply(body=b"all is well"), Reply(body=b"all is lost")
    settings = "interval: 1s, timeout: 1s, healthyThreshold: 1, unhealthyThreshold: 1"
    lab.apply(ROUTE + policy("HealthCheckPolicy", f"{settings}, http: {{path: /healthz, match: {{body: well}}}}"))
    assert lab.eventually(lambda: {lab.get().body for _ in range(10)} == {b"all is well"})


def test_probes_on_another_port(lab: Lab) -> None:
    """`port`: of the same endpoint, elsewhere than requests go."""
    (one,) = lab.endpoints(1)
    (prober,) = lab.http("prober")
    lab.service("v1", one.endpoint)
    prober.default = Reply(status=500)
    settings = f"interval: 1s, timeout: 1s, unhealthyThreshold: 1, port: {prober.port}, http: {{path: /healthz}}"
    lab.apply(ROUTE + policy("HealthCheckPolicy", settings))
    assert lab.eventually(lambda: lab.get().status == 503)
    assert prober.last.path == "/healthz"
    assert not [each for each in one.received if each.path == "/healthz"]


def test_grpc_probes(lab: Lab) -> None:
    """grpc.health.v1 with service and authority."""
    (v1,) = lab.grpc("v1")
    v1.healthy = False
    settings = "interval: 1s, timeout: 1s, unhealthyThreshold: 1, grpc: {service: shop.Cart, authority: probe.test}"
    lab.apply(ROUTE.replace("HTTPRoute", "GRPCRoute") + policy("HealthCheckPolicy", settings))

    def call() -> str:
        with lab.channel() as channel:
            try:
                return bytes(channel.unary_unary("/a.B/C")(b"x", timeout=5)).decode()
            except grpc.RpcError as error:
                return str(error.code().name)  # type: ignore[attr-defined]  # grpcio has no types

    assert lab.eventually(lambda: call() == "UNAVAILABLE")
    v1.healthy = True
    assert lab.eventually(lambda: call() == "v1: x")


def test_without_a_policy_the_readiness_probe_is_asked(lab: Lab) -> None:
    """The order is policy, then the Deployment's readinessProbe, then the product's default."""
    one, _ = pool(lab)
    lab.services.clear()
    endpoints = ",".join(each.endpoint for each in (one, _))
    lab.apply(
        ROUTE
        + f"""
apiVersion: v1
kind: Service
metadata: {{name: v1, annotations: {{tidegate.dev/endpoints: "{endpoints}"}}}}
spec: {{selector: {{app: v1}}, ports: [{{port: 80, targetPort: 8080}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: v1}}
spec:
  selector: {{matchLabels: {{app: v1}}}}
  template:
    metadata: {{labels: {{app: v1}}}}
    spec:
      containers:
        - name: v1
          image: v1
          ports: [{{containerPort: 8080}}]
          readinessProbe: {{httpGet: {{path: /ready, port: 8080}}, periodSeconds: 1}}
"""
    )
    assert lab.eventually(lambda: [each for each in one.received if each.path == "/ready"])


# -- RoutePolicy ------------------------------------------------------------------------------------------------------

FOR_ROUTE = "group: gateway.networking.k8s.io, kind: HTTPRoute, name: shop"


def test_route_timeout(lab: Lab) -> None:
    """timeouts.routeTimeout: the whole request, in Go's notation."""
    (v1,) = lab.http("v1")
    v1.default = Reply(hang=True)
    lab.apply(ROUTE + policy("RoutePolicy", "timeouts: {routeTimeout: 100ms}", target=FOR_ROUTE))
    assert lab.get().status == 504
    assert accepted(lab, "RoutePolicy") == "True"


def test_timeouts_of_the_route_itself_come_first(lab: Lab) -> None:
    """AcceptedWithTimeoutConflict, and the HTTPRoute's own timeout holds."""
    (v1,) = lab.http("v1")
    lab.apply(
        ROUTE.replace("[{backendRefs", "[{timeouts: {request: 10s}, backendRefs")
        + policy("RoutePolicy", "timeouts: {routeTimeout: 1ms}", target=FOR_ROUTE)
    )
    assert lab.get().who == "v1"
    assert v1.received
    status = lab.status("RoutePolicy", "policy")
    reasons = {one["type"]: one["reason"] for one in status["conditions"]}
    assert reasons["Accepted"] == "AcceptedWithTimeoutConflict"


RING = """
apiVersion: alb.networking.azure.io/v1
kind: BackendLoadBalancingPolicy
metadata: {name: ring}
spec:
  targetRefs: [{targetRef: {group: "", kind: Service, name: v1}}]
  loadBalancing: {strategy: ring-hash}
---
"""


def test_managed_cookies(lab: Lab) -> None:
    """sessionAffinity managed-cookie: AGCAffinity, given by the gateway; it keeps the endpoint."""
    endpoints = lab.endpoints(3)
    lab.service("v1", *(one.endpoint for one in endpoints))
    settings = "sessionAffinity: {affinityType: managed-cookie}"
    lab.apply(ROUTE + RING + policy("RoutePolicy", settings, target=FOR_ROUTE))
    first = lab.get()
    cookie = first.header("set-cookie") or ""
    assert cookie.startswith("AGCAffinity=")
    assert "max-age=86400" in cookie.lower()
    assert {lab.get("/", ("cookie", cookie.split(";")[0])).who for _ in range(20)} == {first.who}
    assert len({lab.get().who for _ in range(40)}) > 1


def test_application_cookies(lab: Lab) -> None:
    """application-cookie: the application's own; equal values go to the same endpoint, the gateway sets none."""
    endpoints = lab.endpoints(3)
    lab.service("v1", *(one.endpoint for one in endpoints))
    settings = "sessionAffinity: {affinityType: application-cookie, cookieName: JSESSIONID, cookieDuration: 1h}"
    lab.apply(ROUTE + RING + policy("RoutePolicy", settings, target=FOR_ROUTE))
    by_value = {
        value: {lab.get("/", ("cookie", f"JSESSIONID={value}")).who for _ in range(6)} for value in "abcdefghijkl"
    }
    assert all(len(seen) == 1 for seen in by_value.values())
    assert len(set.union(*by_value.values())) > 1


def test_affinity_needs_a_ring(lab: Lab) -> None:
    """With another strategy than ring-hash the policy is not accepted, and a diagnostic says why."""
    pool(lab)
    settings = "sessionAffinity: {affinityType: managed-cookie}"
    lab.apply(
        ROUTE + RING.replace("ring-hash", "least-request") + policy("RoutePolicy", settings, target=FOR_ROUTE),
        errors=True,
    )
    assert accepted(lab, "RoutePolicy").startswith("False/")
    assert lab.get().header("set-cookie") is None
    assert lab.found("TG4740")


# -- FrontendTLSPolicy ------------------------------------------------------------------------------------------------

HTTPS = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: azure-alb-external
  listeners: [{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: shop}]}}]
---
"""
FOR_GATEWAY = "group: gateway.networking.k8s.io, kind: Gateway, name: edge, sectionNames: [https]"


@pytest.mark.parametrize("name", ["2023-06", "2023-06-S"])
def test_predefined_tls_policies(lab: Lab, name: str) -> None:
    """Both allow TLS 1.2 with ECDHE and AES-GCM; neither allows what is older or weaker."""
    lab.http("v1")
    lab.add(authority().secret("shop", "shop.example.com"))
    lab.apply(
        HTTPS
        + ROUTE
        + policy("FrontendTLSPolicy", f"policyType: {{type: predefined, name: {name}}}", target=FOR_GATEWAY)
    )

    def version(ciphers: str = "", *, at_most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> str | None:
        context = authority().client()
        context.maximum_version = at_most
        if ciphers:
            context.set_ciphers(ciphers)
        try:
            with lab.connect(443, tls=context, server_name="shop.example.com") as connection:
                assert isinstance(connection, ssl.SSLSocket)
                return connection.version()
        except (ssl.SSLError, OSError):
            return None

    assert version("ECDHE-ECDSA-AES256-GCM-SHA384") == "TLSv1.2"
    assert version("ECDHE-ECDSA-AES128-GCM-SHA256") == "TLSv1.2"
    assert version("ECDHE-ECDSA-CHACHA20-POLY1305") is None
    assert version("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0") is None
    assert accepted(lab, "FrontendTLSPolicy") == "True"


def test_clients_certificates(lab: Lab) -> None:
    """verify: of the authority, with one of the subject alternative names."""
    lab.http("v1")
    lab.add(authority().secret("shop", "shop.example.com"))
    lab.add(authority("clients").ca_secret("clients"))
    verify = "verify: {caCertificateRef: {name: clients, kind: Secret}, subjectAltNames: [alice.example.com]}"
    lab.apply(HTTPS + ROUTE + policy("FrontendTLSPolicy", verify, target=FOR_GATEWAY))

    def let_in(context: ssl.SSLContext) -> bool:
        try:
            answer = lab.get(port=443, tls=context, server_name="shop.example.com", host="shop.example.com")
        except (ssl.SSLError, OSError):
            return False
        return answer.status == 200

    alice = authority().client(authority("clients").leaf("alice.example.com"))
    bob = authority().client(authority("clients").leaf("bob.example.com"))
    assert [let_in(each) for each in (alice, bob, authority().client())] == [True, False, False]


# -- BackendTLSPolicy -------------------------------------------------------------------------------------------------

BACKEND_TLS = (
    "sni: v1.internal, ports: [{port: 80}], clientCertificateRef: {name: edge-client}, "
    "verify: {caCertificateRef: {name: backends}, subjectAltName: v1.example.com}"
)


@pytest.mark.parametrize(("name", "reached"), [("v1.example.com", True), ("v2.example.com", False)])
def test_backend_tls(lab: Lab, name: str, reached: bool) -> None:
    """SNI, authority, subject alternative name and the gateway's certificate."""
    (v1,) = lab.http("v1", tls=authority("backends").server(name, clients=authority("gateways")))
    lab.add(authority("backends").ca_secret("backends"))
    lab.add(tls_secret("edge-client", authority("gateways").leaf("edge.internal", common_name="edge")))
    lab.apply(ROUTE + policy("BackendTLSPolicy", BACKEND_TLS))
    assert (lab.get().status == 200) is reached
    assert bool(v1.received) is reached
    if reached:
        assert (v1.last.peer.server_name, v1.last.peer.certificate) == ("v1.internal", "edge")
    assert accepted(lab, "BackendTLSPolicy") == "True"


def test_backend_tls_without_its_authority(lab: Lab) -> None:
    """InvalidCertificateRef, and nothing goes out unverified."""
    (v1,) = lab.http("v1", tls=authority("backends").server("v1.example.com"))
    lab.apply(ROUTE + policy("BackendTLSPolicy", "verify: {caCertificateRef: {name: nowhere}}"), errors=True)
    assert lab.get().status in {500, 502, 503}
    assert v1.received == []
    found = conditions(lab.status("BackendTLSPolicy", "policy"))
    assert "False/InvalidCertificateRef" in found.values()


# -- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["HealthCheckPolicy", "RoutePolicy", "FrontendTLSPolicy", "BackendTLSPolicy"])
def test_override_is_rejected(lab: Lab, kind: str) -> None:
    """As the product does: OverrideNotSupported."""
    lab.http("v1")
    gateway = "group: gateway.networking.k8s.io, kind: Gateway, name: edge"
    targets = {"RoutePolicy": FOR_ROUTE, "FrontendTLSPolicy": gateway}
    text = policy(kind, "", target=targets.get(kind, 'group: "", kind: Service, name: v1'))
    lab.apply(ROUTE + text.replace("default: {}", "override: {}"), errors=True)
    assert accepted(lab, kind) == "False/OverrideNotSupported"
    assert lab.found("TG4705")


@pytest.mark.parametrize("kind", ["HealthCheckPolicy", "BackendTLSPolicy"])
def test_a_target_that_is_not_there(lab: Lab, kind: str) -> None:
    """The policy says which; nothing else changes."""
    lab.http("v1")
    lab.apply(ROUTE + policy(kind, "", target='group: "", kind: Service, name: nowhere'), errors=True)
    assert lab.get().who == "v1"
    assert accepted(lab, kind).startswith("False/")
    assert lab.found("TG4702")
