"""Endpoints of Services."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import codes_of, read
from tidegate.diagnostics import Found
from tidegate.manifests.endpoints import endpoints_of, report_empty, runnable, slices_of
from tidegate.manifests.schema.core import Service
from tidegate.model import Endpoint, ObjectName

ANNOTATED = """
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop, annotations: {tidegate.dev/endpoints: "%s"}}
spec: {selector: {app: cart}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {}
  template:
    metadata: {labels: {app: cart}, annotations: {tidegate.dev/run: serve}}
    spec: {containers: [{name: cart}]}
"""
PORTS = (
    "[{name: http, port: 80}, {name: admin, port: 9000, targetPort: 9001}, {name: http-udp, port: 80, protocol: UDP}]"
)
CART = ObjectName("shop", "cart")
LEAVING = "ready: false, serving: true, terminating: true"


def endpoints(
    text: str, *, port: int = 0, run: bool = False, seen: tuple[Endpoint, ...] = ()
) -> tuple[list[str], list[str]]:
    """Of one port of the only Service, and the codes found."""
    manifests, found = read(text)
    assert not codes_of(found)
    (service,) = manifests.of(Service)
    one = service.body.spec.ports[port]
    replicas = {CART: seen}
    got = endpoints_of(service, one, manifests=manifests, replicas=replicas, run_workloads=run, found=found)
    return [f"{endpoint.address} {endpoint.port}" for endpoint in got], codes_of(found)


# -- the annotation ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    ["127.0.0.1", "localhost:80", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:a", ":80", "::1:80", "[127.0.0.1]:80",
     "[::1]80", "127.0.0.1:٨٠", "127.0.0.1:" + "9" * 5000],
)  # fmt: skip
def test_annotation_that_is_no_address(bad: str) -> None:
    """It is told and left out; the rest is used, sorted and once."""
    got, codes = endpoints(ANNOTATED % f"127.0.0.2:80,{bad},127.0.0.1:80,127.0.0.1:80,[::1]:80")
    assert got == ["127.0.0.1 80", "127.0.0.2 80", "::1 80"]
    assert codes == ["TG1204"]


@pytest.mark.parametrize("bad", ["169.254.169.254", "0.0.0.0", "224.0.0.1", "255.255.255.255"])
def test_annotation_that_leads_where_no_backend_is(bad: str) -> None:
    """Metadata services above all."""
    assert endpoints(ANNOTATED % f"{bad}:80") == ([], ["TG4614"])
    assert endpoints(ANNOTATED % f"[::ffff:{bad}]:80") == ([], ["TG4614"])


@pytest.mark.parametrize(
    ("text", "by_port", "found"),
    [
        ("127.0.0.1:8001", [["127.0.0.1 8001"]] * 3, []),
        ("127.0.0.1:8001,127.0.0.2:8001", [["127.0.0.1 8001", "127.0.0.2 8001"]] * 3, []),
        ("127.0.0.1:8001,127.0.0.1:8002", [["127.0.0.1 8001", "127.0.0.1 8002"]] * 3, ["TG4612"]),
        (
            "http=127.0.0.1:8001,127.0.0.1:8002, admin = [::1]:9001",
            [["127.0.0.1 8001", "127.0.0.1 8002"], ["::1 9001"], []],
            [],
        ),
        ("9000=127.0.0.1:1,80=127.0.0.1:2", [["127.0.0.1 2"], ["127.0.0.1 1"], ["127.0.0.1 2"]], []),
        ("127.0.0.1:1,admin=127.0.0.1:2", [["127.0.0.1 1"], ["127.0.0.1 1", "127.0.0.1 2"], ["127.0.0.1 1"]], []),
        ("admni=127.0.0.1:2", [[], [], []], ["TG4611"]),
    ],
)
def test_annotation_of_several_ports(text: str, by_port: list[list[str]], found: list[str]) -> None:
    """What follows `PORT=` is of that port, by name or number; what stands before any is of every port."""
    service = (ANNOTATED % text).replace("[{port: 80}]", PORTS)
    for index, expected in enumerate(by_port):
        assert endpoints(service, port=index) == (expected, found)


def test_replicas_replace_the_annotation() -> None:
    """Where workloads run, also before the first replica accepts connections."""
    one = Endpoint("127.0.0.1", 9001)
    assert endpoints(ANNOTATED % "127.0.0.2:80", run=True, seen=(one,))[0] == ["127.0.0.1 9001"]
    assert endpoints(ANNOTATED % "127.0.0.2:80", run=True)[0] == []
    assert endpoints(ANNOTATED % "127.0.0.2:80", seen=(one,))[0] == ["127.0.0.2 80"]
    manifests, _ = read(ANNOTATED % "")
    (service,) = manifests.of(Service)
    assert runnable(service, manifests) == (CART,)


# -- EndpointSlices ---------------------------------------------------------------------------------------------------


def slices(*bodies: str, service: str = "", ports: str = PORTS) -> str:
    """A Service with slices, each given by what follows its metadata."""
    head = "{apiVersion: v1, kind: Service, metadata: {name: cart, namespace: shop}, spec: "
    text = f"{head}{{ports: {ports}{service}}}}}"
    for index, body in enumerate(bodies):
        text += (
            f"\n---\n{{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {{name: s{index}, "
            f"namespace: shop, labels: {{kubernetes.io/service-name: cart}}}}, {body}}}"
        )
    return text


def four(*entries: str, ports: str = "[{name: http, port: 8080}]") -> str:
    return f"addressType: IPv4, ports: {ports}, endpoints: [{', '.join(entries)}]"


def one(address: str, conditions: str = "") -> str:
    return f'{{addresses: ["{address}"], conditions: {{{conditions}}}}}'


@pytest.mark.parametrize(
    ("conditions", "publish", "taken"),
    [
        (["", "ready: true", "ready: false"], False, [0, 1]),
        (["ready: true", LEAVING], False, [0]),
        (
            [LEAVING, "ready: false, serving: false, terminating: true"],
            False,
            [0],
        ),
        ([LEAVING] * 2, False, [0, 1]),
        (["ready: false, serving: true"], False, []),
        (["ready: false, terminating: true"], False, []),
        (["ready: false"], True, [0]),
        (["ready: false", "ready: true"], True, [0, 1]),
    ],
)
def test_conditions_of_endpoints(conditions: list[str], taken: list[int], *, publish: bool) -> None:
    """Ready ones (unset is ready); only where there is none, those that serve while they terminate; with
    publishNotReadyAddresses all of them."""
    text = slices(
        four(*(one(f"10.0.0.{index}", each) for index, each in enumerate(conditions))),
        service=", publishNotReadyAddresses: true" if publish else "",
    )
    assert endpoints(text) == ([f"10.0.0.{index} 8080" for index in taken], [])


def test_ready_endpoint_of_one_slice_keeps_leaving_ones_of_another_out() -> None:
    """A Service's slices are one list."""
    leaving = one("10.0.0.1", LEAVING)
    assert endpoints(slices(four(leaving), four(one("10.0.0.2"))))[0] == ["10.0.0.2 8080"]


def test_slices_are_merged() -> None:
    """IPv4 and IPv6, each endpoint once; the order of slices and of endpoints does not matter."""
    six = 'addressType: IPv6, ports: [{name: http, port: 8080}], endpoints: [{addresses: ["FD00:0::1"]}]'
    bodies = [four(one("10.0.0.2"), one("10.0.0.1")), six, four(one("10.0.0.1"))]
    expected = ["10.0.0.1 8080", "10.0.0.2 8080", "fd00::1 8080"]
    assert endpoints(slices(*bodies))[0] == endpoints(slices(*bodies[::-1]))[0] == expected


@pytest.mark.parametrize(
    ("ports", "expected"),
    [
        ("[{name: http, port: 1}, {name: admin, port: 2}, {name: http-udp, port: 3, protocol: UDP}]", [[1], [2], [3]]),
        ("[{name: http, port: 1}, {name: http, port: 2}]", [[1, 2], [], []]),
        ("[{port: 1}]", [[], [], []]),
        ("[{name: http}, {name: admin}]", [[80], [9001], []]),
        ("[{name: http, port: 1, protocol: UDP}]", [[], [], []]),
        ("[]", [[], [], []]),
    ],
)
def test_ports_are_joined_by_name(ports: str, expected: list[list[int]]) -> None:
    """And by protocol; a port without a number is every port, so the Service's own targetPort says which."""
    text = slices(four(one("10.0.0.1"), ports=ports))
    for index, numbers in enumerate(expected):
        assert endpoints(text, port=index)[0] == [f"10.0.0.1 {number}" for number in numbers]


def test_nameless_port_of_a_headless_service() -> None:
    """The gateway goes to the endpoints anyway; an empty name is no name."""
    text = slices(
        four(one("10.0.0.1"), ports='[{name: "", port: 5}]'), service=", clusterIP: None", ports="[{port: 80}]"
    )
    assert endpoints(text) == (["10.0.0.1 5"], [])


@pytest.mark.parametrize(
    ("address", "code"),
    [("cart.example.com", "TG1207"), ("fd00::1", "TG4613"), ("169.254.169.254", "TG4614"), ("224.0.0.1", "TG4614")],
)
def test_addresses_that_are_none(address: str, code: str) -> None:
    """They are told and get nothing; their neighbours do."""
    assert endpoints(slices(four(one(address), one("10.0.0.1")))) == (["10.0.0.1 8080"], [code])


@given(st.ip_addresses(v=4) | st.sampled_from(["169.254.0.1", "223.255.255.255", "224.0.0.1", "10.01.0.1", "0.0.0.1"]))
def test_everyday_addresses_are_judged_like_others(address: object) -> None:
    """The quick look at IPv4 addresses takes none that a long one would refuse."""
    quick = endpoints(slices(four(one(str(address)))))
    slow = endpoints(
        slices(f"addressType: IPv6, ports: [{{name: http, port: 1}}], endpoints: [{one(f'::ffff:{address}')}]")
    )
    assert bool(quick[0]) == bool(slow[0])


def test_slices_of_others_are_not_looked_at() -> None:
    """Neither those of another Service nor those of another namespace."""
    text = slices(four(one("10.0.0.1")))
    others = text.replace("service-name: cart", "service-name: films") + "\n---\n"
    elsewhere = slices("", four(one("10.0.0.9"))).split("\n---\n")[2].replace("namespace: shop", "namespace: stock")
    manifests, _ = read(others + elsewhere)
    assert slices_of(manifests, CART) == ()
    assert len(slices_of(manifests, ObjectName("stock", "cart"))) == 1


ENDPOINTS = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from(["", "ready: false", LEAVING])),
    max_size=6,
)


@given(st.lists(ENDPOINTS, max_size=3))
def test_endpoints_are_sorted_once_and_ready_if_any_is(parts: list[list[tuple[int, str]]]) -> None:
    """However the endpoints are spread over slices."""
    text = slices(*(four(*(one(f"10.0.0.{number}", each) for number, each in part)) for part in parts))
    everything = [entry for part in parts for entry in part]
    ready = {number for number, each in everything if each == ""}
    leaving = {number for number, each in everything if "serving" in each}
    assert endpoints(text)[0] == [f"10.0.0.{number} 8080" for number in sorted(ready or leaving)]


# -- nothing at all ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (slices(), "add an EndpointSlice"),
        (slices(four(one("10.0.0.1", "ready: false"))), "none of its endpoints is ready"),
        (slices(four()), "its EndpointSlices have no endpoints"),
        (
            slices(four(one("10.0.0.1"), ports="[{name: web, port: 1}, {port: 2}]")),
            "they have a nameless one and `web`",
        ),
        (slices(four(one("10.0.0.1"), ports="[]")), "they have none"),
        (ANNOTATED % "", ""),
        (
            slices()
            + "\n---\n{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: a, namespace: shop}}",
            "",
        ),
        ((ANNOTATED % "").split("---")[0], "add an EndpointSlice"),
        ((ANNOTATED % "nonsense").split("---")[0], ""),
        ((ANNOTATED % "other=127.0.0.1:1").split("---")[0], ""),
        (
            (ANNOTATED % "admin=127.0.0.1:1").split("---")[0].replace("[{port: 80}]", PORTS),
            "`tidegate.dev/endpoints` has no address for this port",
        ),
    ],
)
def test_why_nothing_serves(text: str, said: str) -> None:
    """The cause is named where it can be seen; where a local process will serve, nothing is said."""
    manifests, _ = read(text)
    (service,) = manifests.of(Service)
    found = Found()
    report_empty(service, service.body.spec.ports[0], manifests=manifests, found=found)
    assert [f"{each.label}{each.help}" for each in found if said not in f"{each.label}{each.help}"] == []
    assert codes_of(found) == (["TG4107"] if said else [])
