"""Envoy's vocabulary: type URLs, resource builders (dicts in Envoy's JSON shape), the checked `Snapshot`, bootstrap.

Reading order: `resources` (words), `references` (what needs what), `snapshot` (the check), then the builders from the
outside in: `bootstrap`, `listeners`, `connection_manager`, `http_filters`, `local_replies`, `access_log`, `routes`,
`clusters`, `secrets`. Only `convert` knows protobuf.
"""

from tidegate.envoy.bootstrap import AdminPort, AdminSocket, bootstrap
from tidegate.envoy.references import NO_BACKEND, references
from tidegate.envoy.resources import (
    CLUSTER,
    ENDPOINT,
    EXTENSION,
    LISTENER,
    ROUTE,
    SECRET,
    TYPE_URLS,
    JsonObject,
    ResourceName,
)
from tidegate.envoy.secrets import certificate_secret, generic_secret
from tidegate.envoy.snapshot import InconsistentSnapshot, Snapshot

__all__ = [
    "CLUSTER",
    "ENDPOINT",
    "EXTENSION",
    "LISTENER",
    "NO_BACKEND",
    "ROUTE",
    "SECRET",
    "TYPE_URLS",
    "AdminPort",
    "AdminSocket",
    "InconsistentSnapshot",
    "JsonObject",
    "ResourceName",
    "Snapshot",
    "bootstrap",
    "certificate_secret",
    "generic_secret",
    "references",
]
