"""Which route attaches to which listener: parentRefs, allowedRoutes, several Gateways, ListenerSets."""

from __future__ import annotations

import pytest

from gateway_certificates import authority
from gateway_lab import Lab, conditions, parent_conditions

pytestmark = pytest.mark.e2e


def route(name: str, parents: str, *, namespace: str = "default") -> str:
    """An HTTPRoute to the Service of its name in `default`'s or its own namespace."""
    return f"""---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: {name}, namespace: {namespace}}}
spec:
  parentRefs: [{parents}]
  rules: [{{matches: [{{path: {{value: /{name}}}}}], backendRefs: [{{name: {name}, port: 80}}]}}]
"""


def gateway(listeners: str, *, name: str = "edge", more: str = "") -> str:
    """A Gateway with these listeners."""
    return f"""---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: {name}}}
spec:
  gatewayClassName: tidegate
  listeners: [{listeners}]
{more}"""


def attached(lab: Lab, name: str = "edge") -> dict[str, int]:
    """Listener -> attachedRoutes."""
    return {one["name"]: one["attachedRoutes"] for one in lab.status("Gateway", name)["listeners"]}


TWO = "{name: a, port: 80, protocol: HTTP}, {name: b, port: 81, protocol: HTTP}"


def test_section_names_and_ports(lab: Lab) -> None:
    """A parentRef may name a listener, or a port, or both; none means every listener."""
    lab.http("section", "port", "both", "every")
    lab.apply(
        gateway(TWO)
        + route("section", "{name: edge, sectionName: a}")
        + route("port", "{name: edge, port: 81}")
        + route("both", "{name: edge, sectionName: b, port: 81}")
        + route("every", "{name: edge}")
    )
    on = {name: [lab.get(f"/{name}", port=port).status for port in (80, 81)] for name in ("section", "port", "both")}
    assert on == {"section": [200, 404], "port": [404, 200], "both": [404, 200]}
    assert [lab.get("/every", port=port).status for port in (80, 81)] == [200, 200]
    assert attached(lab) == {"a": 2, "b": 3}


@pytest.mark.parametrize(
    "parent", ["{name: edge, sectionName: nowhere}", "{name: edge, port: 82}", "{name: edge, sectionName: a, port: 81}"]
)
def test_parents_that_do_not_match(lab: Lab, parent: str) -> None:
    """NoMatchingParent with a diagnostic at the reference, and no listener serves the route."""
    lab.http("shop")
    lab.apply(gateway(TWO) + route("shop", parent), errors=True)
    assert [lab.get("/shop", port=port).status for port in (80, 81)] == [404, 404]
    assert parent_conditions(lab.status("HTTPRoute", "shop"))["Accepted"] == "False/NoMatchingParent"
    assert "a.yaml:13" in lab.found()


def test_a_gateway_that_is_not_there(lab: Lab) -> None:
    """A diagnostic; nobody writes a status for a parent that nobody controls."""
    lab.http("shop")
    lab.apply(route("shop", "{name: nowhere}"), errors=True)
    assert "a.yaml:6" in lab.found()
    assert lab.get("/shop").status == 404


def test_one_route_at_several_gateways(lab: Lab) -> None:
    """Each parent has its own status and its own listeners."""
    lab.http("shop")
    lab.apply(
        gateway("{name: http, port: 80, protocol: HTTP}", name="edge")
        + gateway("{name: http, port: 80, protocol: HTTP}", name="inner")
        + route("shop", "{name: edge}, {name: inner}")
    )
    addresses = [lab.status("Gateway", name)["addresses"][0]["value"] for name in ("edge", "inner")]
    assert len(set(addresses)) == 2
    assert [lab.get("/shop", address=address).status for address in addresses] == [200, 200]
    parents = lab.status("HTTPRoute", "shop")["parents"]
    assert [parent["parentRef"]["name"] for parent in parents] == ["edge", "inner"]
    assert [conditions(parent)["Accepted"] for parent in parents] == ["True", "True"]


ALLOWED = {
    "same": "{namespaces: {from: Same}}",
    "all": "{namespaces: {from: All}}",
    "chosen": "{namespaces: {from: Selector, selector: {matchLabels: {team: shop}}}}",
    "express": "{namespaces: {from: Selector, selector: {matchExpressions: [{key: team, operator: Exists}]}}}",
    "none": "{namespaces: {from: None}}",
}


def test_routes_of_other_namespaces(lab: Lab) -> None:
    """allowedRoutes.namespaces: Same (the default), All, Selector by labels of the Namespace, None."""
    listeners = [
        f"{{name: {name}, port: {81 + number}, protocol: HTTP, allowedRoutes: {allowed}}}"
        for number, (name, allowed) in enumerate(ALLOWED.items())
    ]
    names = {"here": "default", "labelled": "team-shop", "plain": "elsewhere"}
    for name, namespace in names.items():
        lab.http(name, namespace=namespace)
    lab.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team-shop", "labels": {"team": "shop"}}})
    lab.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "elsewhere"}})
    lab.apply(
        gateway(", ".join(listeners))
        + "".join(
            route(name, "{name: edge, namespace: default}", namespace=namespace) for name, namespace in names.items()
        ),
        errors=True,
    )
    table = {
        listener: [name for name in names if lab.get(f"/{name}", port=81 + number).status == 200]
        for number, listener in enumerate(ALLOWED)
    }
    assert table == {
        "same": ["here"],
        "all": ["here", "labelled", "plain"],
        "chosen": ["labelled"],
        "express": ["labelled"],
        "none": [],
    }
    assert attached(lab) == {"same": 1, "all": 3, "chosen": 1, "express": 1, "none": 0}


def test_a_route_that_no_listener_allows(lab: Lab) -> None:
    """NotAllowedByListeners."""
    lab.http("shop", namespace="other")
    lab.apply(route("shop", "{name: edge, namespace: default}", namespace="other"), errors=True)
    assert lab.get("/shop").status == 404
    status = lab.status("HTTPRoute", "shop", namespace="other")
    assert parent_conditions(status)["Accepted"] == "False/NotAllowedByListeners"


def test_kinds_that_a_listener_allows(lab: Lab) -> None:
    """allowedRoutes.kinds limits them, supportedKinds tells them; an unknown kind is InvalidRouteKinds."""
    lab.http("shop")
    kinds = "{group: gateway.networking.k8s.io, kind: GRPCRoute}"
    lab.apply(
        gateway(
            f"{{name: calls, port: 80, protocol: HTTP, allowedRoutes: {{kinds: [{kinds}]}}}}, "
            "{name: odd, port: 81, protocol: HTTP, allowedRoutes: {kinds: [{kind: HTTPRoute}, {kind: BananaRoute}]}}"
        )
        + route("shop", "{name: edge}"),
        errors=True,
    )
    listeners = {one["name"]: one for one in lab.status("Gateway", "edge")["listeners"]}
    assert [kind["kind"] for kind in listeners["calls"]["supportedKinds"]] == ["GRPCRoute"]
    assert [kind["kind"] for kind in listeners["odd"]["supportedKinds"]] == ["HTTPRoute"]
    assert conditions(listeners["odd"])["ResolvedRefs"] == "False/InvalidRouteKinds"
    assert [lab.get("/shop", port=port).status for port in (80, 81)] == [404, 200]


LISTENER_SET = """---
apiVersion: gateway.networking.k8s.io/v1
kind: ListenerSet
metadata: {name: team, namespace: team}
spec:
  parentRef: {name: edge, namespace: default}
  listeners: [{name: extra, port: 82, protocol: HTTP, hostname: team.example.com}]
"""


def test_listener_sets_add_listeners(lab: Lab) -> None:
    """Where the Gateway allows them: with their own routes, certificates and status (GEP-1713)."""
    lab.http("team", namespace="team")
    lab.http("edge")
    lab.apply(
        gateway("{name: http, port: 80, protocol: HTTP}", more="  allowedListeners: {namespaces: {from: All}}\n")
        + LISTENER_SET
        + route("team", "{kind: ListenerSet, name: team, sectionName: extra}", namespace="team")
        + route("edge", "{name: edge}")
    )
    assert lab.get("/team", port=82, host="team.example.com").who == "team"
    assert lab.get("/team", port=82, host="other.example.com").status == 404
    assert lab.get("/team", port=80, host="team.example.com").status == 404
    assert lab.get("/edge", port=80).who == "edge"
    status = lab.status("ListenerSet", "team", namespace="team")
    assert {name: conditions(status)[name] for name in ("Accepted", "Programmed")} == {
        "Accepted": "True", "Programmed": "True",
    }  # fmt: skip
    assert status["listeners"][0]["attachedRoutes"] == 1
    assert lab.status("Gateway", "edge")["attachedListenerSets"] == 1


def test_listener_sets_need_permission(lab: Lab) -> None:
    """allowedListeners is None unless the Gateway says otherwise: NotAllowed."""
    lab.http("team", namespace="team")
    lab.apply(
        gateway("{name: http, port: 80, protocol: HTTP}")
        + LISTENER_SET
        + route("team", "{kind: ListenerSet, name: team}", namespace="team"),
        errors=True,
    )
    status = lab.status("ListenerSet", "team", namespace="team")
    assert conditions(status)["Accepted"] == "False/NotAllowed"
    assert lab.status("Gateway", "edge").get("attachedListenerSets", 0) == 0
    assert any(place.startswith("a.yaml:") for place in lab.found())


@pytest.mark.parametrize(
    ("allowed", "accepted"),
    [
        ("{from: Same}", False),
        ("{from: Selector, selector: {matchLabels: {team: shop}}}", True),
        ("{from: Selector, selector: {matchLabels: {team: other}}}", False),
        ("{from: None}", False),
    ],
)
def test_listener_sets_by_namespace(lab: Lab, allowed: str, accepted: bool) -> None:
    """allowedListeners.namespaces, as for routes."""
    lab.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": {"team": "shop"}}})
    more = f"  allowedListeners: {{namespaces: {allowed}}}\n"
    lab.apply(gateway("{name: http, port: 80, protocol: HTTP}", more=more) + LISTENER_SET, errors=True)
    found = conditions(lab.status("ListenerSet", "team", namespace="team"))["Accepted"]
    assert found == ("True" if accepted else "False/NotAllowed")


def test_a_sets_certificates_are_of_its_own_namespace(lab: Lab) -> None:
    """Another namespace's need a ReferenceGrant from ListenerSet."""
    lab.http("team", namespace="team")
    lab.add(authority().secret("cert", "team.example.com", namespace="team"))
    tls = "protocol: HTTPS, tls: {certificateRefs: [{name: cert}]}"
    lab.apply(
        gateway("{name: http, port: 80, protocol: HTTP}", more="  allowedListeners: {namespaces: {from: All}}\n")
        + LISTENER_SET.replace("protocol: HTTP", tls)
        + route("team", "{kind: ListenerSet, name: team}", namespace="team")
    )
    how = {"port": 82, "tls": authority().client(), "server_name": "team.example.com"}
    assert lab.get("/team", host="team.example.com", **how).who == "team"


def test_two_sets_that_want_the_same(lab: Lab) -> None:
    """The older one is served, the other is Conflicted."""
    lab.http("team", namespace="team")
    lab.http("late", namespace="team")
    late = LISTENER_SET.replace("{name: team,", '{name: late, creationTimestamp: "2026-02-01T00:00:00Z",')
    lab.apply(
        gateway("{name: http, port: 80, protocol: HTTP}", more="  allowedListeners: {namespaces: {from: All}}\n")
        + late
        + LISTENER_SET.replace("{name: team,", '{name: team, creationTimestamp: "2026-01-01T00:00:00Z",')
        + route("team", "{kind: ListenerSet, name: team}", namespace="team")
        + route("late", "{kind: ListenerSet, name: late}", namespace="team"),
        errors=True,
    )
    assert lab.get("/team", port=82, host="team.example.com").who == "team"
    assert lab.get("/late", port=82, host="team.example.com").status == 404
    (listener,) = lab.status("ListenerSet", "late", namespace="team")["listeners"]
    assert conditions(listener)["Accepted"] == "False/HostnameConflict"


def test_the_gateways_own_listener_wins_over_a_sets(lab: Lab) -> None:
    """Same port and hostname: the Gateway's is served, the set's is Conflicted."""
    lab.http("edge")
    lab.http("team", namespace="team")
    lab.apply(
        gateway(
            "{name: http, port: 82, protocol: HTTP, hostname: team.example.com}",
            more="  allowedListeners: {namespaces: {from: All}}\n",
        )
        + LISTENER_SET
        + route("team", "{kind: ListenerSet, name: team}", namespace="team")
        + route("edge", "{name: edge}"),
        errors=True,
    )
    assert lab.get("/edge", port=82, host="team.example.com").who == "edge"
    assert lab.get("/team", port=82, host="team.example.com").status == 404
    (listener,) = lab.status("ListenerSet", "team", namespace="team")["listeners"]
    assert conditions(listener)["Accepted"] == "False/HostnameConflict"


def test_conflicting_listeners(lab: Lab) -> None:
    """Same port, protocol and hostname: both are Conflicted, the others serve (ListenerReasonHostnameConflict)."""
    lab.http("shop")
    lab.apply(
        gateway(
            "{name: a, port: 81, protocol: HTTP, hostname: x.test}, "
            "{name: b, port: 81, protocol: HTTP, hostname: x.test}, "
            "{name: c, port: 80, protocol: HTTP}"
        )
        + route("shop", "{name: edge}"),
        errors=True,
    )
    assert lab.get("/shop").who == "shop"
    listeners = lab.status("Gateway", "edge")["listeners"]
    for one in listeners[:2]:
        assert [c["reason"] for c in one["conditions"] if c["type"] == "Conflicted"] == ["HostnameConflict"]
        assert conditions(one)["Programmed"].startswith("False")
    assert conditions(lab.status("Gateway", "edge"))["Accepted"] in {"True", "False/ListenersNotValid"}
    assert any(place == "a.yaml:7" for place in lab.found())


def test_conflicting_protocols(lab: Lab) -> None:
    """HTTP and TCP cannot share a port: ProtocolConflict."""
    lab.apply(gateway("{name: a, port: 80, protocol: HTTP}, {name: b, port: 80, protocol: TCP}"), errors=True)
    for one in lab.status("Gateway", "edge")["listeners"]:
        assert [c["reason"] for c in one["conditions"] if c["type"] == "Conflicted"] == ["ProtocolConflict"]
    assert any(place == "a.yaml:7" for place in lab.found())


@pytest.mark.parametrize("http_first", [True, False])
def test_calls_and_pages_of_one_host(lab: Lab, http_first: bool) -> None:
    """An HTTPRoute and a GRPCRoute for the same host: both are served, told apart by what a request is.

    The API's own comments once had one of the two rejected; version 1.6 of its documentation leaves that open.
    """
    lab.http("pages")
    lab.grpc("calls")
    ages = ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]
    lab.apply(
        "".join(
            f"""---
apiVersion: gateway.networking.k8s.io/v1
kind: {kind}
metadata: {{name: {name}, creationTimestamp: "{age}"}}
spec:
  parentRefs: [{{name: edge}}]
  hostnames: [shop.example.com]
  rules: [{{backendRefs: [{{name: {name}, port: 80}}]}}]
"""
            for kind, name, age in zip(
                ("HTTPRoute", "GRPCRoute"), ("pages", "calls"), ages if http_first else reversed(ages), strict=True
            )
        )
    )
    assert parent_conditions(lab.status("HTTPRoute", "pages"))["Accepted"] == "True"
    assert parent_conditions(lab.status("GRPCRoute", "calls"))["Accepted"] == "True"
    assert lab.get(host="shop.example.com").who == "pages"
    with lab.channel(authority="shop.example.com") as channel:
        assert channel.unary_unary("/shop.Cart/Get")(b"x", timeout=60) == b"calls: x"
