"""The door between protobuf messages and our own: decode on the way in, encode on the way out."""

from __future__ import annotations

from envoy.service.discovery.v3 import discovery_pb2

from tidegate.envoy import ResourceName, Snapshot
from tidegate.xds.cache import SnapshotCache
from tidegate.xds.messages import Request, Send


def decode(message: discovery_pb2.DeltaDiscoveryRequest) -> Request:
    """A client's request."""
    return Request(
        type_url=message.type_url,
        subscribe=tuple(message.resource_names_subscribe),
        unsubscribe=tuple(message.resource_names_unsubscribe),
        initial_versions=dict(message.initial_resource_versions),
        nonce=message.response_nonce,
        error=message.error_detail.message if message.HasField("error_detail") else None,
    )


def encode(send: Send, snapshot: Snapshot, cache: SnapshotCache) -> discovery_pb2.DeltaDiscoveryResponse:
    """Our response."""
    response = discovery_pb2.DeltaDiscoveryResponse(
        type_url=send.type_url,
        nonce=send.nonce,
        system_version_info=send.version[:12],
        removed_resources=send.removals,
    )
    for name in send.upserts:
        resource = ResourceName(send.type_url, name)
        response.resources.add(
            name=name, version=snapshot.versions[resource], resource=cache.encoded(resource, snapshot)
        )
    return response
