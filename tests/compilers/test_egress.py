"""What worlds have of egress, and that real Envoy takes it."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from authorities import Authority
from client_certificates import pfx_of
from policy_programs import document_text, program, set_header
from real_envoy import inlined, refusal
from tidegate.compilers.world import SYSTEM_ROOTS
from tidegate.envoy import CLUSTER, LISTENER, ROUTE, SECRET, JsonObject, Snapshot
from tidegate.envoy.egress import egress_rules
from tidegate.model import ExternalBackend, PolicyProgram, Respond, Route, World
from worlds import backend, compiled, forward, http, route, world

CALLS = program(
    document_text(
        '<send-request response-variable-name="a">'
        '<set-url>@("http://" + context.Request.Method)</set-url></send-request>'
    )
)
CHOOSES = program(document_text('<set-backend-service base-url="https://orders.example.com/v1" />'))
FORWARDS = program(document_text(backend="<forward-request />" + set_header("x-later", "1")))
OWN = ExternalBackend("own.example.com", 8443, tls=True)
CART = backend("cart", 8001)
INSIDE = ("egress", "egress-http", "egress-https", "egress-names", "egress-unbound")


def served(*routes: Route) -> Snapshot:
    return compiled(world(http(*routes), backends=(CART,)), runtime="-- the library").snapshot


def shows() -> PolicyProgram:
    """A program that shows its backends a certificate."""
    leaf = Authority().issue("client.test")
    pfx = pfx_of(leaf.chain_pem, leaf.key_pem, "secret")
    choose = (
        '<choose><when condition="@(context.Request.Method == &quot;PUT&quot;)">'
        '<set-backend-service base-url="https://orders.example.com/v1" /></when></choose>'
    )
    return program(document_text(f'<authentication-certificate body="{pfx}" password="secret" />{choose}'))


def called(made: PolicyProgram | None) -> Route:
    return route("orders", forward(CART), path="/orders", program=made)


def egress_hosts(snapshot: Snapshot) -> dict[str, list[JsonObject]]:
    return {host["name"]: host["routes"] for host in snapshot.resources[ROUTE]["egress"]["virtual_hosts"]}


def test_worlds_without_calls_have_none() -> None:
    assert not [name for name in served(called(None)).resources[CLUSTER] if name.startswith("egress")]
    assert "egress" not in served(called(program(document_text(set_header("a", "b"))))).resources[LISTENER]


def test_declared_destinations_are_routes() -> None:
    """Services by both of their names; whatever else is asked for passes the guard."""
    snapshot = served(called(CALLS))
    assert sorted(name for name in snapshot.resources[CLUSTER] if name.startswith("egress")) == list(INSIDE)
    hosts = egress_hosts(snapshot)
    assert list(hosts) == ["cart.shop.svc.cluster.local:80", "cart.shop.svc:80", "elsewhere"]
    to_cart = [each["route"]["cluster"] for each in hosts["cart.shop.svc:80"] if "route" in each]
    assert to_cart == ["shop/cart:80", "egress-https", "egress-http"]
    assert [each["name"] for each in hosts["elsewhere"]] == ["sleep", "https", "http"]


def test_only_declared_services_get_the_proof() -> None:
    """Decision 0004: it is added by the cluster's own filter."""
    clusters = served(called(CALLS)).resources[CLUSTER]
    assert [name for name, each in clusters.items() if "credential_injector" in json.dumps(each)] == ["shop/cart:80"]


def test_hosts_that_a_program_names_are_declared() -> None:
    snapshot = served(called(CHOOSES))
    orders = str(ExternalBackend("orders.example.com", 443, tls=True))
    assert orders in snapshot.resources[CLUSTER]
    assert egress_hosts(snapshot)["orders.example.com:443"][1]["route"]["cluster"] == orders


def test_a_program_that_chooses_has_a_second_route_before_its_own() -> None:
    table = served(called(CHOOSES)).resources[ROUTE]["http/127.0.0.1:8080"]
    chosen, own, *_ = table["virtual_hosts"][0]["routes"]
    assert chosen["route"]["cluster_header"] == "x-envoy-tidegate-cluster"
    assert "cluster" not in chosen["route"]
    assert chosen["match"]["headers"] == [{"name": "x-envoy-tidegate-cluster", "present_match": True}]
    assert chosen["typed_per_filter_config"] == own["typed_per_filter_config"]
    assert own["route"]["cluster"] == "shop/cart:80"


def test_programs_that_forward_find_their_routes_action_again() -> None:
    here = egress_hosts(served(called(FORWARDS)))["elsewhere"][1]
    assert (here["name"], here["route"]["cluster"]) == ("shop/orders#0.0", "shop/cart:80")
    answered = route("orders", Respond(204), path="/orders", program=FORWARDS)
    assert egress_hosts(served(answered))["elsewhere"][1]["direct_response"] == {"status": 204}


def test_the_listener_is_the_same_whatever_policies_say() -> None:
    one, other = served(called(CALLS)), served(called(CHOOSES), route("more", forward(CART), program=FORWARDS))
    assert one.resources[LISTENER]["egress"] == other.resources[LISTENER]["egress"]
    assert one.resources[LISTENER]["egress-names"] == other.resources[LISTENER]["egress-names"]


def test_what_is_allowed_is_in_the_guard() -> None:
    this = world(http(called(CALLS)), backends=(CART,))
    rules = egress_rules(["localhost", "10.1.0.0/16"], refuse_private=True)
    text = json.dumps(compiled(this, egress=rules).snapshot.resources[LISTENER]["egress"])
    assert '{"prefix": "localhost:"}' in text
    assert '"address_prefix": "10.1.0.0", "prefix_len": 16' in text
    assert '"address_prefix": "192.168.0.0"' in text
    plain = json.dumps(compiled(this).snapshot.resources[LISTENER]["egress"])
    assert '"address_prefix": "192.168.0.0"' not in plain
    assert '"address_prefix": "169.254.0.0"' in plain


def test_what_is_compiled_again_is_what_is_compiled_at_once() -> None:
    """And parts that are equal are the very same."""
    first = compiled(world(http(called(CALLS)), backends=(CART,)))
    changed: World = world(http(called(replace(CALLS, digest="0" * 64))), backends=(CART,))
    second = compiled(changed, before=first.memory)
    assert second.snapshot.digest == compiled(changed).snapshot.digest
    assert second.snapshot.resources[ROUTE]["egress"] is first.snapshot.resources[ROUTE]["egress"]


@pytest.mark.e2e
def test_envoy_takes_it(test_certificate: tuple[str, str]) -> None:
    snapshot = served(
        called(CALLS),
        route("chooses", forward(CART), path="/chooses", program=CHOOSES),
        route("forwards", forward(CART, replace_prefix="/base"), path="/forwards", program=FORWARDS),
        route("shows", forward(OWN), path="/shows", program=shows()),
    )
    text = json.dumps(inlined(snapshot)).replace(
        json.dumps({"filename": SYSTEM_ROOTS}), json.dumps({"inline_string": test_certificate[0]})
    )
    assert refusal(json.loads(text)) == ""


def test_who_is_shown_a_certificate_is_a_cluster_of_its_own() -> None:
    """The route's backend and each that is named, with and without; the key is in a secret only."""
    made = shows()
    mark = made.certificates[0].mark
    snapshot = served(route("orders", forward(OWN), path="/orders", program=made))
    hosts = ("orders.example.com:443", "own.example.com:8443")
    names = [f"https://{host}{end}" for host in hosts for end in ("", mark)]
    assert [name for name in snapshot.resources[CLUSTER] if name.startswith("https://")] == names
    for name in names:
        secrets = re.findall(r'"name": "(shown/\w+)"', json.dumps(dict(snapshot.resources[CLUSTER][name])))
        assert secrets == ([f"shown/{mark[-16:]}"] if name.endswith(mark) else [])
    # What is asked for with a certificate and is not declared goes nowhere, rather than on without it.
    schemes = [one["match"]["headers"][0]["string_match"] for one in egress_hosts(snapshot)[hosts[1]][1:-1]]
    assert schemes == [{"exact": "https"}, {"exact": f"https{mark}"}, {"contains": "#"}, {"exact": "https"}]
    assert [name for name in snapshot.resources[SECRET] if name.startswith("shown/")] == [f"shown/{mark[-16:]}"]
    assert "PRIVATE KEY" not in json.dumps([dict(snapshot.resources[kind]) for kind in (CLUSTER, LISTENER, ROUTE)])
