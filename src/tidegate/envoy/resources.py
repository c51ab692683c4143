"""The words: type URLs, resource names, and the shape that resources have until `convert` makes protobuf of them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""A resource in Envoy's own JSON shape (proto3 JSON, snake case). `Any` because that shape is Envoy's, not ours."""

CLUSTER: Final = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
ENDPOINT: Final = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
EXTENSION: Final = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig"
"""What a filter is configured with, where it changes under open connections (ECDS)."""
LISTENER: Final = "type.googleapis.com/envoy.config.listener.v3.Listener"
ROUTE: Final = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
SECRET: Final = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"  # noqa: S105 - a type URL

TYPE_URLS: Final = (SECRET, CLUSTER, ENDPOINT, EXTENSION, LISTENER, ROUTE)
"""In make-before-break order: what is referred to before what refers to it (xDS protocol, "Eventual consistency")."""

ADS: Final[JsonObject] = {"ads": {}, "resource_api_version": "V3"}
"""The configuration source of everything that is not in the bootstrap."""


class ResourceName(NamedTuple):
    """One xDS resource."""

    type_url: str
    name: str

    def __str__(self) -> str:
        return f"{self.type_url.rpartition('.')[2]} {self.name!r}"
