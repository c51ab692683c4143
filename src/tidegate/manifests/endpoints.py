"""Where a Service's requests go: EndpointSlices, else local replicas, else the annotation."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import manifests as codes
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.apps import RUN, Deployment
from tidegate.manifests.schema.core import EndpointSlice, Service, ServicePort
from tidegate.manifests.selectors import selects_pods
from tidegate.model import Endpoint, ObjectName

ANNOTATION = "tidegate.dev/endpoints"


def endpoints_of(
    service: Object[Service],
    port: ServicePort,
    *,
    manifests: Manifests,
    replicas: Mapping[ObjectName, tuple[Endpoint, ...]],
    run_workloads: bool,
    found: Found,
) -> tuple[Endpoint, ...]:
    """The ready endpoints of one Service port, sorted."""
    slices = [
        s
        for s in manifests.of(EndpointSlice)
        if s.key.namespace == service.key.namespace
        and s.body.metadata.labels.get("kubernetes.io/service-name") == service.key.name
    ]
    if slices:
        return _sorted(e for s in slices for e in _of_slice(s, port, found))
    runs = runnable(service, manifests) if run_workloads else ()
    if runs:
        return _sorted(e for each in runs for e in replicas.get(each, ()))
    return _sorted(_of_annotation(service, found))


def runnable(service: Object[Service], manifests: Manifests) -> tuple[ObjectName, ...]:
    """Deployments with a local command whose pods the Service's selector takes."""
    return tuple(
        d.name
        for d in manifests.of(Deployment)
        if d.key.namespace == service.key.namespace
        and RUN in d.body.spec.template.metadata.annotations
        and selects_pods(service.body.spec.selector, d.body.spec.template.metadata.labels)
    )


def _of_slice(slice_: Object[EndpointSlice], port: ServicePort, found: Found) -> list[Endpoint]:
    # discovery.k8s.io/v1: ports are joined by name; `ready` unset means ready.
    numbers = [p.port for p in slice_.body.ports if (p.name or "") == (port.name or "") and p.protocol == port.protocol]
    endpoints: list[Endpoint] = []
    for index, each in enumerate(slice_.body.endpoints):
        for position, text in enumerate(each.addresses):
            try:
                address = str(ipaddress.ip_address(text))
            except ValueError:
                found.add(
                    codes.REPLICA_ADDRESS,
                    at=slice_.at("endpoints", index, "addresses", position),
                    object=slice_.key,
                    got=text,
                )
                continue
            if each.conditions.ready is not False:
                endpoints += [Endpoint(address, number) for number in numbers if number is not None]
    return endpoints


def _of_annotation(service: Object[Service], found: Found) -> list[Endpoint]:
    text = service.body.metadata.annotations.get(ANNOTATION)
    if text is None:
        return []
    endpoints: list[Endpoint] = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        host, _, number = part.rpartition(":")
        try:
            address = str(ipaddress.ip_address(host.strip("[]")))
            usable = number.isdecimal() and 0 < int(number) < 65536
        except ValueError:
            usable = False
        if not usable:
            found.add(
                codes.ENDPOINTS_ANNOTATION,
                at=service.at("metadata", "annotations", ANNOTATION),
                object=service.key,
                got=f"`{part}`",
                label="for example 127.0.0.1:8001,127.0.0.1:8002",
            )
            continue
        endpoints.append(Endpoint(address, int(number)))
    return endpoints


def _sorted(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    return tuple(sorted(set(endpoints)))
