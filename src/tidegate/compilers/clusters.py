"""Backends to clusters and endpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tidegate.envoy.clusters import external_cluster, load_assignment, service_cluster
from tidegate.envoy.resources import CLUSTER, ENDPOINT, JsonObject, ResourceName
from tidegate.model import Backend, BackendId, ExternalBackend


def cluster_name(backend: BackendId | ExternalBackend) -> str:
    """`namespace/service:port`, or the outside host's URL."""
    return str(backend)


def proof_secret(audience: str) -> str:
    """The name of the secret that holds the gateway's proof for this audience."""
    return f"proof/{audience}"


def compile_backend(
    backend: BackendId | ExternalBackend, backends: Mapping[BackendId, Backend], *, system_roots: str
) -> Iterator[tuple[ResourceName, JsonObject]]:
    """The cluster of one backend, and its endpoints if it is a Service port."""
    name = cluster_name(backend)
    match backend:
        case ExternalBackend(host, port, tls):
            yield (
                ResourceName(CLUSTER, name),
                external_cluster(name, host=host, port=port, tls=tls, system_roots=system_roots),
            )
        case BackendId():
            known = backends[backend]
            yield ResourceName(CLUSTER, name), service_cluster(name, proof_secret=proof_secret(known.audience))
            endpoints = [(endpoint.address, endpoint.port) for endpoint in known.endpoints]
            yield ResourceName(ENDPOINT, name), load_assignment(name, endpoints)
