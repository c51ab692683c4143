"""The door between protobuf messages and our own: decode on the way in, encode on the way out."""

from __future__ import annotations

from envoy.service.discovery.v3 import discovery_pb2

from tidegate.envoy import ResourceName, Snapshot
from tidegate.envoy.convert import to_any
from tidegate.envoy.health_checks import FIRST, without_probes
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
    versions = snapshot.table(send.type_url).versions
    for name in send.upserts:
        resource = ResourceName(send.type_url, name)
        version = versions[name]
        bare = without_probes(snapshot.resources[send.type_url][name]) if name in send.first else None
        if bare is not None:
            response.resources.add(name=name, version=version + FIRST, resource=to_any(send.type_url, bare))
        else:
            response.resources.add(name=name, version=version, resource=cache.encoded(resource, snapshot))
    return response
