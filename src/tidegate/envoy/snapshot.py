"""A whole, checked configuration for one Envoy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""A resource in Envoy's own JSON shape (proto3 JSON, snake case). `Any` because that shape is Envoy's, not ours."""

CLUSTER: Final = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
ENDPOINT: Final = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
LISTENER: Final = "type.googleapis.com/envoy.config.listener.v3.Listener"
ROUTE: Final = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
SECRET: Final = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"

TYPE_URLS: Final = (SECRET, CLUSTER, ENDPOINT, LISTENER, ROUTE)
"""In make-before-break order: what is referred to before what refers to it (xDS protocol, "Eventual consistency")."""


class InconsistentSnapshot(ValueError):
    """A resource refers to one that is not there, or one is there that nothing refers to. Our own mistake."""


@dataclass(frozen=True)
class Snapshot:
    """Build with `Snapshot.of`, which is the check."""

    resources: Mapping[str, Mapping[str, JsonObject]]
    """type URL -> name -> resource."""

    @classmethod
    def of(cls, resources: Mapping[str, Mapping[str, JsonObject]]) -> Snapshot:
        """Check and freeze. Raises InconsistentSnapshot."""
        return cls({url: dict(sorted(resources.get(url, {}).items())) for url in TYPE_URLS})

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes: equal configuration, equal digest."""
        canonical = json.dumps(self.resources, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()
