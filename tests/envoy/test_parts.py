"""What is put together from parts is what is made at once."""

from __future__ import annotations

import copy
import importlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.envoy import CLUSTER, ROUTE, JsonObject, ResourceName
from tidegate.envoy.convert import to_any
from tidegate.envoy.parts import _FIELDS, SHAPES, Part, digest_of, needs_of

_ROUTES = st.builds(
    lambda name, path, cluster: {"name": name, "match": {"prefix": path}, "route": {"cluster": cluster}},
    st.text(max_size=200),
    st.sampled_from(("/", "/a", "/" + "long" * 50)),
    st.sampled_from(("one", "two", "three")),
)
_HOSTS = st.builds(
    lambda name, routes: {"name": name, "domains": [name], "routes": routes},
    st.text(min_size=1, max_size=8),
    st.lists(_ROUTES, max_size=4),
)
_TABLES = st.builds(
    lambda hosts: {"name": "table", "virtual_hosts": hosts, "ignore_port_in_host_matching": True},
    st.lists(_HOSTS, max_size=4),
)


def parted(table: JsonObject) -> Part:
    """The same table, all of it in parts."""
    hosts = [Part({**host, "routes": [Part(route) for route in host["routes"]]}) for host in table["virtual_hosts"]]
    return Part({**table, "virtual_hosts": hosts})


@given(_TABLES)
def test_the_protobuf_of_parts_is_that_of_the_whole(table: JsonObject) -> None:
    """Fields that stand one after the other are read as one message; once more from what is remembered."""
    from envoy.config.route.v3.route_pb2 import RouteConfiguration
    from google.protobuf import json_format

    whole = json_format.ParseDict(table, RouteConfiguration())
    made = parted(table)
    for _ in range(2):
        assert RouteConfiguration.FromString(to_any(ROUTE, made).value) == whole


@given(_TABLES, _TABLES)
def test_digests_differ_where_contents_do(one: JsonObject, other: JsonObject) -> None:
    """Whether they are in parts or not."""
    shape = SHAPES[ROUTE]
    assert digest_of(parted(one), shape) == digest_of(one, shape) == digest_of(copy.deepcopy(one), shape)
    assert (digest_of(one, shape) == digest_of(other, shape)) == (one == other)


@given(_TABLES)
def test_a_table_needs_what_its_parts_need(table: JsonObject) -> None:
    """The clusters of every route, also when asked again."""
    routes = [route for host in table["virtual_hosts"] for route in host["routes"]]
    expected = {ResourceName(CLUSTER, route["route"]["cluster"]) for route in routes}
    made = parted(table)
    assert needs_of(table, ROUTE) == needs_of(made, ROUTE) == needs_of(made, ROUTE) == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda part: part.__setitem__("name", "other"),
        lambda part: part.__delitem__("name"),
        lambda part: part.update(name="other"),
        lambda part: part.pop("name"),
        lambda part: part.setdefault("more", 1),
        lambda part: part.clear(),
    ],
)
def test_a_part_is_never_changed(change: Any) -> None:
    """What is remembered of it would be wrong."""
    part = Part({"name": "one"})
    with pytest.raises(TypeError, match="never changed"):
        change(part)
    assert part == {"name": "one"}


def test_copies_of_a_part_are_free() -> None:
    """They remember nothing."""
    part = Part({"name": "one", "deep": Part({"a": 1})})
    copied = copy.deepcopy(part)
    copied["deep"]["a"] = 2
    assert type(copied) is dict
    assert part["deep"] == {"a": 1}
    assert json.loads(json.dumps(part)) == part


@pytest.mark.parametrize(("message", "field"), _FIELDS)
def test_numbers_of_fields_are_those_of_the_messages(message: str, field: str) -> None:
    """As xds-protos describes them."""
    module = importlib.import_module("envoy.config.route.v3.route_pb2")
    components = importlib.import_module("envoy.config.route.v3.route_components_pb2")
    short = message.rpartition(".")[2]
    listeners = importlib.import_module("envoy.config.listener.v3.listener_pb2")
    found = getattr(module, short, None) or getattr(components, short, None) or getattr(listeners, short)
    assert found.DESCRIPTOR.full_name == message
    assert found.DESCRIPTOR.fields_by_name[field].number == _FIELDS[message, field]
