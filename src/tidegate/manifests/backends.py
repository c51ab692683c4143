"""Backends: what is behind one port of a Service, and how it is spoken to. Which there are, `references` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import routes as codes
from tidegate.manifests.backend_ids import H2C, PASSTHROUGH, STREAMS, UDP, spoken_as
from tidegate.manifests.endpoints import RunLookup, SliceLookup, endpoints_of, report_empty, runnable, slices_of
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.core import Service, ServicePort
from tidegate.manifests.services import port_of, service_face, why_not_outside
from tidegate.model import (
    Backend,
    BackendId,
    BackendProtocol,
    BackendTls,
    CircuitBreaker,
    Endpoint,
    HealthCheck,
    LoadBalancing,
    LoadBalancingStrategy,
    ObjectName,
)


class Settings(Protocol):
    """What attached policies say about one port of a Service."""

    @property
    def tls(self) -> BackendTls | None: ...
    @property
    def load_balancing(self) -> LoadBalancing | None: ...
    @property
    def circuit_breaker(self) -> CircuitBreaker | None: ...
    @property
    def health_check(self) -> HealthCheck | None: ...
    @property
    def closed(self) -> bool: ...


def build_backend(
    manifests: Manifests,
    id_: BackendId,
    *,
    settings: Settings | None,
    replicas: Mapping[ObjectName, tuple[Endpoint, ...]],
    run_workloads: bool,
    found: Found,
    slices: SliceLookup = slices_of,
    runs: RunLookup = runnable,
) -> Backend:
    """A backend with its endpoints. What is not there, or malformed, has none: requests answer 503."""
    variant, name = spoken_as(id_), id_.service
    service = manifests.get(Service, group="", namespace=name.namespace, name=name.name)
    protocol = STREAMS.get(variant)
    if service is None or not service.serves or (settings is not None and settings.closed):
        return Backend(id_, (), audience(name), protocol or BackendProtocol.HTTP1)
    wanted = "UDP" if variant == UDP else "TCP"
    port = next((p for p in service.body.spec.ports if (p.port, p.protocol) == (id_.port, wanted)), None)
    backend = Backend(
        id_,
        (),
        audience(name),
        protocol or _http_protocol(port, variant),
        tls=settings.tls if settings is not None and variant not in (PASSTHROUGH, UDP) else None,
        load_balancing=_load_balancing(service, settings, found),
        circuit_breaker=settings.circuit_breaker if settings is not None else None,
        health_check=settings.health_check if settings is not None and variant != UDP else None,
    )
    if service.body.spec.type == "ExternalName":
        face = service_face(manifests, name)
        if face is None or why_not_outside(name, face) is not None:
            return backend
        target = port.target_port if port is not None and isinstance(port.target_port, int) else id_.port
        return replace(backend, hostname=face.external_name, hostname_port=target)
    if port is None:
        return backend
    endpoints = endpoints_of(
        service,
        port,
        manifests=manifests,
        replicas=replicas,
        run_workloads=run_workloads,
        found=found,
        slices=slices,
        runs=runs,
    )
    if not endpoints:
        report_empty(service, port, manifests=manifests, found=found, slices=slices, runs=runs)
    return replace(backend, endpoints=endpoints)


def _load_balancing(service: Object[Service], settings: Settings | None, found: Found) -> LoadBalancing | None:
    """What a policy says; where none does, the Service's own session affinity."""
    said = settings.load_balancing if settings is not None else None
    if service.body.spec.session_affinity == "None":
        return said
    if said is None:
        return LoadBalancing(LoadBalancingStrategy.RING_HASH, by_client_address=True)
    found.add(codes.AFFINITY_OVERRULED, at=service.at("spec", "sessionAffinity"), service=service.key)
    return said


def _http_protocol(port: ServicePort | None, variant: str) -> BackendProtocol:
    if variant == H2C:
        return BackendProtocol.HTTP2
    spoken = port_of(port).spoken if port is not None else None
    return spoken.protocol if spoken is not None else BackendProtocol.HTTP1


def served_ports(service: Object[Service]) -> tuple[BackendId, ...]:
    """The backends of a Service that HTTP can be spoken to: what a local workload serves without any route."""
    ports = [port_of(port) for port in service.body.spec.ports if port.protocol == "TCP"]
    return tuple(BackendId(service.name, port.number) for port in ports if port.spoken is not None)


def audience(service: ObjectName) -> str:
    """By which the gateway proves itself to a Service."""
    return f"{service.name}.{service.namespace}.svc"
