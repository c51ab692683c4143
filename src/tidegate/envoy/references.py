"""What a resource refers to: the edges that `Snapshot.of` checks and that the ADS server waits for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tidegate.envoy.resources import CLUSTER, ENDPOINT, EXTENSION, LISTENER, ROUTE, SECRET, JsonObject, ResourceName

NO_BACKEND: Final = "unresolved"
"""The cluster that never exists: what is sent to it gets the answer that its route gives in
`cluster_not_found_response_code`. The share of a backend reference that does not resolve goes there."""


def references(type_url: str, resource: JsonObject) -> frozenset[ResourceName]:
    """Every other resource that this one needs."""
    if type_url == CLUSTER:
        return frozenset((*_endpoints(resource), *_secrets(resource)))
    if type_url == LISTENER:
        return frozenset(
            (
                *_route_configurations(resource),
                *_secrets(resource),
                *_extensions(resource),
                *_proxied(resource),
                *_ways_in(resource),
            )
        )
    if type_url == EXTENSION:
        return frozenset(_proxied(resource))
    if type_url == ROUTE:
        return frozenset(_clusters(resource))
    return frozenset()


def _endpoints(cluster: JsonObject) -> Iterator[ResourceName]:
    if cluster.get("type") == "EDS":
        yield ResourceName(ENDPOINT, cluster["eds_cluster_config"].get("service_name") or cluster["name"])


def _secrets(resource: object) -> Iterator[ResourceName]:
    for value in _objects(resource):
        if "sds_config" in value:
            yield ResourceName(SECRET, value["name"])


def _route_configurations(listener: object) -> Iterator[ResourceName]:
    for value in _objects(listener):
        if "route_config_name" in value:
            yield ResourceName(ROUTE, value["route_config_name"])


def _extensions(listener: object) -> Iterator[ResourceName]:
    for value in _objects(listener):
        if "config_discovery" in value:
            yield ResourceName(EXTENSION, value["name"])


def _clusters(configuration: JsonObject) -> Iterator[ResourceName]:
    for host in configuration.get("virtual_hosts", ()):
        for route in host.get("routes", ()):
            action = route.get("route")
            if action is None:
                continue
            may_be_missing = "cluster_not_found_response_code" in action
            weighted = action.get("weighted_clusters", {}).get("clusters", ())
            names = [action["cluster"]] if "cluster" in action else [entry["name"] for entry in weighted]
            for name in names:
                if not (name == NO_BACKEND and may_be_missing):
                    yield ResourceName(CLUSTER, name)
            for mirror in action.get("request_mirror_policies", ()):
                yield ResourceName(CLUSTER, mirror["cluster"])


def _ways_in(listener: JsonObject) -> Iterator[ResourceName]:
    """A listener inside Envoy is reached by the cluster of its name; and it may hold its routes itself."""
    if "internal_listener" in listener:
        yield ResourceName(CLUSTER, listener["name"])
    for value in _objects(listener):
        if "route_config" in value:
            yield from _clusters(value["route_config"])


def _proxied(resource: object) -> Iterator[ResourceName]:
    """The clusters of streams: TCP and TLS proxies, and UDP's."""
    for value in _objects(resource):
        if "_proxy.v3." not in value.get("@type", ""):
            continue
        cluster = value.get("cluster")
        names = [cluster] if isinstance(cluster, str) else []
        weighted = value.get("weighted_clusters")
        if isinstance(weighted, dict):
            names += [entry["name"] for entry in weighted.get("clusters", ())]
        for name in names:
            # Nobody answers there: Envoy closes what it cannot send on, and needs no leave to.
            if name != NO_BACKEND:
                yield ResourceName(CLUSTER, name)


def _objects(value: object) -> Iterator[JsonObject]:
    """Every JSON object inside `value`, itself included."""
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            yield current
            pending.extend(current.values())
        elif isinstance(current, list | tuple):
            pending.extend(current)
