"""Backends: those that routes send to and those of local workloads, each with its endpoints and policies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tidegate.incremental import Chunk, chunked
from tidegate.manifests.alb import BackendSettings
from tidegate.manifests.artifacts import apim
from tidegate.manifests.asking import Ask
from tidegate.manifests.attached import settings_of_port
from tidegate.manifests.backend_ids import PASSTHROUGH, STREAMS, UDP, presented_by, spoken_as
from tidegate.manifests.backends import audience, build_backend, served_ports
from tidegate.manifests.client_validation import client_certificate
from tidegate.manifests.endpoints import RunLookup, SliceLookup, Slices, runnable
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.routing import routed
from tidegate.manifests.schema.core import EndpointSlice, Service
from tidegate.manifests.workloads import resolve_workloads
from tidegate.model import Backend, BackendId, Forward, ObjectName, Workload


def workloads(ask: Ask) -> tuple[Workload, ...]:
    """Deployments that can be run here."""
    return resolve_workloads(ask.manifests, ask.found)


def ports_of(ask: Ask, name: ObjectName) -> tuple[BackendId, ...]:
    """What a local workload serves without any route."""
    service = ask.manifests.get(Service, group="", namespace=name.namespace, name=name.name)
    return served_ports(service) if service is not None else ()


def backend_ids(ask: Ask) -> tuple[BackendId, ...]:
    """Every backend there is, sorted."""
    ids = set(ask.call(routed_backends))
    gateway = ask.call(apim).gateway
    for listener in gateway.listeners if gateway is not None else ():
        for plan in listener.routes:
            # Asked of every operation at every change.
            if type(action := plan.route.action) is Forward:
                for weighted in action.backends:
                    if type(weighted.backend) is BackendId:
                        ids.add(weighted.backend)
    if gateway is not None:
        # Policies of the layout may name any Service: set-backend-service, send-request, backend entities.
        for key in ask.manifests.keys(Service):
            ids |= set(ask.call(ports_of, ObjectName(key.namespace, key.name)))
    for workload in ask.call(workloads):
        for service in workload.services:
            ids |= set(ask.call(ports_of, service))
    return tuple(sorted(ids, key=lambda id_: (id_.service, id_.port, id_.variant)))


def routed_backends(ask: Ask) -> frozenset[BackendId]:
    """What routes send to; the same after most changes of a route."""
    return ask.call(routed).backends


def _chunks(ask: Ask) -> tuple[Chunk[BackendId], ...]:
    return chunked(ask.call(backend_ids))


def _chunk(ask: Ask, chunk: Chunk[BackendId]) -> dict[BackendId, Backend]:
    return {id_: ask.call(backend, id_) for id_ in chunk}


def backends(ask: Ask) -> dict[BackendId, Backend]:
    """Every backend, sorted."""
    return _merged(ask.call(_chunk, chunk) for chunk in ask.call(_chunks))


def _merged(parts: Iterable[dict[BackendId, Backend]]) -> dict[BackendId, Backend]:
    merged: dict[BackendId, Backend] = {}
    for part in parts:
        merged |= part
    return merged


def audiences(ask: Ask) -> tuple[str, ...]:
    """By which gateways prove themselves to backends."""
    return tuple(sorted({audience(id_.service) for id_ in ask.call(backend_ids)}))


def backend(ask: Ask, id_: BackendId) -> Backend:
    """One backend. Endpoints are looked at only here."""

    def slices(_: Manifests, service: ObjectName) -> Slices:
        return ask.call(slices_for, service)

    def runs(service: Object[Service], _: Manifests) -> tuple[ObjectName, ...]:
        return ask.call(runs_for, service.name)

    return build_backend(
        ask.manifests,
        id_,
        settings=_settings(ask, id_, slices, runs),
        replicas=ask.replicas,
        run_workloads=ask.run_workloads,
        found=ask.found,
        slices=slices,
        runs=runs,
    )


def _settings(ask: Ask, id_: BackendId, slices: SliceLookup, runs: RunLookup) -> BackendSettings:
    """What policies say of a backend; where they say TLS, the Gateway shows its own certificate unless they do."""
    settings = settings_of_port(
        ask, id_.service, id_.port, http=spoken_as(id_) not in STREAMS, slices=slices, runs=runs
    )
    if spoken_as(id_) in (PASSTHROUGH, UDP):
        # TLS is the client's and the backend's own, or there is none: no policy about ours closes it.
        return replace(settings, tls=None, why_closed="")
    gateway = presented_by(id_)
    if gateway is None or settings.tls is None or settings.tls.client_certificate is not None:
        return settings
    own = ask.call(client_certificate, gateway).certificate
    return replace(settings, tls=replace(settings.tls, client_certificate=own))


def runs_for(ask: Ask, name: ObjectName) -> tuple[ObjectName, ...]:
    """The local workloads behind a Service."""
    service = ask.manifests.get(Service, group="", namespace=name.namespace, name=name.name)
    return runnable(service, ask.manifests) if service is not None else ()


def slices_for(ask: Ask, service: ObjectName) -> Slices:
    """The EndpointSlices of one Service."""
    return ask.manifests.labelled(EndpointSlice, service.namespace, service.name)
