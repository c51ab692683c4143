"""Protobuf in, our messages out, and back."""

from __future__ import annotations

from envoy.service.discovery.v3 import discovery_pb2

from tidegate.envoy import CLUSTER, LISTENER
from tidegate.xds import SnapshotCache
from tidegate.xds.messages import Request, Send
from tidegate.xds.wire import decode, encode
from worlds import compiled, http, world


def test_a_subscription_with_what_the_client_has() -> None:
    message = discovery_pb2.DeltaDiscoveryRequest(
        type_url=CLUSTER,
        resource_names_subscribe=["a"],
        resource_names_unsubscribe=["b"],
        initial_resource_versions={"c": "1"},
    )
    assert decode(message) == Request(CLUSTER, ("a",), ("b",), {"c": "1"})


def test_an_ack_has_no_error_and_a_nack_has_one() -> None:
    """An error without words is one too."""
    message = discovery_pb2.DeltaDiscoveryRequest(type_url=CLUSTER, response_nonce="7")
    assert decode(message) == Request(CLUSTER, nonce="7")
    message.error_detail.code = 13
    assert decode(message) == Request(CLUSTER, nonce="7", error="")


def test_a_response_carries_versions_names_and_removals() -> None:
    snapshot = compiled(world(http())).snapshot
    cache = SnapshotCache()
    cache.publish(snapshot)
    response = encode(Send(LISTENER, ("127.0.0.1:8080",), ("gone",), "3", snapshot.digest), snapshot, cache)
    (resource,) = response.resources
    assert (response.nonce, response.system_version_info) == ("3", snapshot.digest[:12])
    assert list(response.removed_resources) == ["gone"]
    assert (resource.name, resource.resource.type_url) == ("127.0.0.1:8080", LISTENER)
    assert resource.version in snapshot.versions.values()
