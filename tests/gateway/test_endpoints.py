"""EndpointSlices, headless Services, ExternalName: who serves a Service's port, and what a change of it touches."""

from __future__ import annotations

import socket

import pytest

from gateway_lab import Lab, parent_conditions
from recording_backends import Backend, running
from tidegate.envoy import CLUSTER, ENDPOINT, LISTENER, ROUTE

pytestmark = pytest.mark.e2e


def slice_(name: str, port: int, endpoints: str, *, family: str = "IPv4") -> str:
    """An EndpointSlice of the Service v1."""
    return f"""---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: {name}, labels: {{kubernetes.io/service-name: v1}}}}
addressType: {family}
ports: [{{port: {port}}}]
endpoints: [{endpoints}]
"""


def service(spec: str = "ports: [{port: 80}]") -> str:
    return f"---\napiVersion: v1\nkind: Service\nmetadata: {{name: v1}}\nspec: {{{spec}}}\n"


ROUTE_TO_V1 = """---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  rules: [{backendRefs: [{name: v1, port: 80}]}]
"""


def on(lab: Lab, name: str, address: str) -> Backend:
    """A backend at an address of loopback."""
    return lab.stack.enter_context(running(lab.plane.background, Backend(name, address)))


def test_ready_endpoints_of_several_slices(lab: Lab) -> None:
    """Ready or unknown gets traffic; not ready gets none."""
    ready, unknown, not_ready = (on(lab, name, "127.0.0.1") for name in ("ready", "unknown", "not-ready"))
    lab.apply(
        service()
        + slice_("s1", ready.port, "{addresses: [127.0.0.1], conditions: {ready: true}}")
        + slice_("s2", unknown.port, "{addresses: [127.0.0.1]}")
        + slice_("s3", not_ready.port, "{addresses: [127.0.0.1], conditions: {ready: false}}")
        + ROUTE_TO_V1
    )
    assert set(lab.count(40)) == {"ready", "unknown"}


def test_terminating_endpoints(lab: Lab) -> None:
    """They get nothing new while others are ready; if all terminate, those that still serve do (KEP-1669)."""
    ready, leaving, gone = (on(lab, name, "127.0.0.1") for name in ("ready", "leaving", "gone"))
    leave = slice_(
        "s2", leaving.port, "{addresses: [127.0.0.1], conditions: {ready: false, serving: true, terminating: true}}"
    )
    dead = slice_(
        "s3", gone.port, "{addresses: [127.0.0.1], conditions: {ready: false, serving: false, terminating: true}}"
    )
    stays = slice_("s1", ready.port, "{addresses: [127.0.0.1]}")
    lab.apply(service() + stays + leave + dead + ROUTE_TO_V1)
    assert set(lab.count(30)) == {"ready"}
    lab.apply(service() + leave + dead + ROUTE_TO_V1)
    assert lab.eventually(lambda: set(lab.count(10)) == {"leaving"})


def test_ports_by_name(lab: Lab) -> None:
    """A slice's port belongs to the Service's port of the same name, whatever the numbers are."""
    first, second = (on(lab, name, "127.0.0.1") for name in ("first", "second"))
    lab.apply(f"""---
apiVersion: v1
kind: Service
metadata: {{name: v1}}
spec:
  ports: [{{name: web, port: 80, targetPort: web}}, {{name: admin, port: 81, targetPort: 9999}}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {{name: v1-1, labels: {{kubernetes.io/service-name: v1}}}}
addressType: IPv4
ports: [{{name: admin, port: {second.port}}}, {{name: web, port: {first.port}}}]
endpoints: [{{addresses: [127.0.0.1]}}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: shop}}
spec:
  parentRefs: [{{name: edge}}]
  rules:
    - {{matches: [{{path: {{value: /web}}}}], backendRefs: [{{name: v1, port: 80}}]}}
    - {{matches: [{{path: {{value: /admin}}}}], backendRefs: [{{name: v1, port: 81}}]}}
""")
    assert [lab.get(path).who for path in ("/web", "/admin")] == ["first", "second"]


def test_several_addresses(lab: Lab) -> None:
    """Endpoints of one slice on one port."""
    one = on(lab, "one", "127.0.0.1")
    two = lab.stack.enter_context(running(lab.plane.background, Backend("two", "127.0.0.2", one.port)))
    lab.apply(service() + slice_("s", one.port, "{addresses: [127.0.0.1]}, {addresses: [127.0.0.2]}") + ROUTE_TO_V1)
    assert two.port == one.port
    assert set(lab.count(30)) == {"one", "two"}


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_ipv6(lab: Lab) -> None:
    """Slices of addressType IPv6, alone and beside IPv4."""
    try:
        six = on(lab, "six", "::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    four = on(lab, "four", "127.0.0.1")
    lab.apply(
        service()
        + slice_("s6", six.port, '{addresses: ["::1"]}', family="IPv6")
        + slice_("s4", four.port, "{addresses: [127.0.0.1]}")
        + ROUTE_TO_V1
    )
    assert set(lab.count(40)) <= {"six", "four"}
    assert "six" in lab.count(40)


def test_headless_services(lab: Lab) -> None:
    """clusterIP None: the endpoints are the same; for the gateway nothing differs."""
    one = on(lab, "one", "127.0.0.1")
    lab.apply(
        service("clusterIP: None, ports: [{port: 80}]")
        + slice_("s", one.port, "{addresses: [127.0.0.1]}")
        + ROUTE_TO_V1
    )
    assert lab.get().who == "one"


def test_external_names(lab: Lab) -> None:
    """The specification leaves it to implementations and warns (CVE-2021-25740): refused, or resolved as a name.

    Whatever is done, it is never a silent success to somewhere else.
    """
    one = on(lab, "one", "127.0.0.1")
    lab.apply(
        service(f"type: ExternalName, externalName: localhost, ports: [{{port: 80, targetPort: {one.port}}}]")
        + ROUTE_TO_V1,
        errors=True,
    )
    resolved = parent_conditions(lab.status("HTTPRoute", "shop"))["ResolvedRefs"]
    if resolved == "True":
        assert lab.eventually(lambda: lab.get().status != 500)
    else:
        assert lab.get().status == 500
        assert lab.found("TG4601")


def test_changes_of_endpoints_touch_nothing_else(lab: Lab) -> None:
    """Routes, listeners and clusters stay as they are: only the assignment of endpoints is sent."""
    one, two = on(lab, "one", "127.0.0.1"), on(lab, "two", "127.0.0.1")
    before = lab.apply(service() + slice_("s", one.port, "{addresses: [127.0.0.1]}") + ROUTE_TO_V1).snapshot
    assert lab.get().who == "one"
    after = lab.apply(service() + slice_("s", two.port, "{addresses: [127.0.0.1]}") + ROUTE_TO_V1).snapshot
    assert lab.eventually(lambda: lab.get().who == "two")
    changed = {name.type_url for name, version in after.versions.items() if before.versions.get(name) != version}
    assert changed == {ENDPOINT}
    for kind in (LISTENER, ROUTE, CLUSTER):
        assert before.resources[kind] == after.resources[kind]


def test_a_service_that_loses_all_endpoints(lab: Lab) -> None:
    """503 from the next request on, and back again when one is there."""
    one = on(lab, "one", "127.0.0.1")
    with_endpoint = service() + slice_("s", one.port, "{addresses: [127.0.0.1]}") + ROUTE_TO_V1
    lab.apply(with_endpoint)
    assert lab.get().who == "one"
    lab.apply(service() + ROUTE_TO_V1)
    assert lab.eventually(lambda: lab.get().status == 503)
    lab.apply(with_endpoint)
    assert lab.eventually(lambda: lab.get().who == "one")


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "224.0.0.1"])
def test_addresses_that_nobody_may_be_sent_to(lab: Lab, address: str) -> None:
    """The cloud's metadata service is no endpoint of anybody: refused at its place, nothing is sent there."""
    lab.apply(
        service() + slice_("s", 80, f"{{addresses: [{address}]}}") + ROUTE_TO_V1,
        errors=True,
    )
    assert lab.get().status == 503
    assert "a.yaml:12" in lab.found()
