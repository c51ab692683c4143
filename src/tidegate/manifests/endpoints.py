"""Where a Service's requests go: EndpointSlices, else local replicas, else the annotation."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import manifests as codes
from tidegate.diagnostics.codes import references as reference_codes
from tidegate.diagnostics.codes import routes as route_codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.apps import RUN, Deployment
from tidegate.manifests.schema.core import EndpointSlice, Service, ServicePort, SliceEndpoint
from tidegate.manifests.selectors import selects_pods
from tidegate.model import Endpoint, ObjectName

ANNOTATION: Final = "tidegate.dev/endpoints"
SERVICE_LABEL: Final = "kubernetes.io/service-name"

# An IPv4 address as everybody writes it, and nothing that `_forbidden` would refuse: of 50,000 endpoints almost all.
_EVERYDAY: Final = re.compile(
    r"(?!169\.254\.)(?:[1-9][0-9]?|1[0-9][0-9]|2[01][0-9]|22[0-3])"
    r"(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}"
)
_PORT_PREFIX: Final = re.compile(r"([a-z0-9]([-a-z0-9]*[a-z0-9])?)\s*=\s*")

_BROADCAST: Final = ipaddress.ip_address("255.255.255.255")

Slices: TypeAlias = tuple[Object[EndpointSlice], ...]
SliceLookup: TypeAlias = Callable[[Manifests, ObjectName], Slices]
"""`slices_of`, or the same remembered."""
RunLookup: TypeAlias = Callable[[Object[Service], Manifests], tuple[ObjectName, ...]]
"""`runnable`, or the same remembered."""


def slices_of(manifests: Manifests, service: ObjectName) -> Slices:
    """The EndpointSlices of a Service (discovery.k8s.io/v1: told by a label)."""
    return tuple(
        each
        for each in manifests.in_namespace(EndpointSlice, service.namespace)
        if each.body.metadata.labels.get(SERVICE_LABEL) == service.name
    )


def runnable(service: Object[Service], manifests: Manifests) -> tuple[ObjectName, ...]:
    """Deployments with a local command whose pods the Service's selector takes."""
    return tuple(
        d.name
        for d in manifests.in_namespace(Deployment, service.key.namespace)
        if RUN in d.body.spec.template.metadata.annotations
        and selects_pods(service.body.spec.selector, d.body.spec.template.metadata.labels)
    )


def endpoints_of(
    service: Object[Service],
    port: ServicePort,
    *,
    manifests: Manifests,
    replicas: Mapping[ObjectName, tuple[Endpoint, ...]],
    run_workloads: bool,
    found: Found,
    slices: SliceLookup = slices_of,
    runs: RunLookup = runnable,
) -> tuple[Endpoint, ...]:
    """The endpoints of one Service port that take requests, sorted, each once."""
    if own := slices(manifests, service.name):
        every = service.body.spec.publish_not_ready_addresses
        return _sorted(_of_slices(own, port, found, unready=every))
    processes = runs(service, manifests) if run_workloads else ()
    if processes:
        return _sorted(e for each in processes for e in replicas.get(each, ()))
    return _sorted(_of_annotation(service, port, found))


def report_empty(
    service: Object[Service],
    port: ServicePort,
    *,
    manifests: Manifests,
    found: Found,
    slices: SliceLookup = slices_of,
    runs: RunLookup = runnable,
) -> None:
    """Say that nothing serves a port, and why; unless a local process will, or what is wrong is told already."""
    own = slices(manifests, service.name)
    label, help_ = "", ""
    told = Found()
    if own:
        names = sorted({p.name or "" for each in own for p in each.body.ports if p.protocol == port.protocol})
        if (port.name or "") not in names:
            shown = " and ".join(f"`{name}`" if name else "a nameless one" for name in names) or "none"
            label = f"its EndpointSlices have no port `{port.name or ''}`; they have {shown}"
        elif any(each.body.endpoints for each in own):
            label = "none of its endpoints is ready"
        else:
            label = "its EndpointSlices have no endpoints"
    elif runs(service, manifests) or manifests.refused_in("EndpointSlice", service.key.namespace):
        return
    elif service.body.metadata.annotations.get(ANNOTATION):
        _of_annotation(service, port, told)
        label = f"`{ANNOTATION}` has no address for this port"
    else:
        help_ = (
            "add an EndpointSlice, the annotation `tidegate.dev/endpoints`, or a Deployment with `tidegate.dev/run` "
            "whose pods the selector takes"
        )
    if told.has_errors:
        return
    found.add(
        reference_codes.BACKEND_EMPTY,
        at=service.at("metadata", "name"),
        port=port.port,
        service=service.name,
        label=label,
        help=help_,
    )


def _of_slices(slices: Slices, port: ServicePort, found: Found, *, unready: bool) -> list[Endpoint]:
    """The ready endpoints; where there is none, those that still serve while they terminate (as kube-proxy does)."""
    ready: list[Endpoint] = []
    leaving: list[Endpoint] = []
    for each in slices:
        numbers = _numbers(each, port)
        for endpoint, addresses in _addresses(each, found):
            at = [Endpoint(address, number) for number in numbers for address in addresses]
            conditions = endpoint.conditions
            # EndpointConditions: `ready` unset means ready; publishNotReadyAddresses makes all of them ready.
            if conditions.ready is not False or unready:
                ready += at
            elif conditions.serving and conditions.terminating:
                leaving += at
    return ready or leaving


def _numbers(slice_: Object[EndpointSlice], port: ServicePort) -> set[int]:
    """The slice's numbers for a Service port: joined by name, whatever `targetPort` says. A port without number stands
    for every port: then the Service's own says which."""
    own = port.target_port if isinstance(port.target_port, int) else port.port
    return {
        own if p.port is None else p.port
        for p in slice_.body.ports
        if (p.name or "") == (port.name or "") and p.protocol == port.protocol
    }


def _addresses(slice_: Object[EndpointSlice], found: Found) -> Iterator[tuple[SliceEndpoint, list[str]]]:
    family = slice_.body.address_type
    for index, each in enumerate(slice_.body.endpoints):
        usable: list[str] = []
        for position, text in enumerate(each.addresses):
            if family == "IPv4" and _EVERYDAY.fullmatch(text):
                usable.append(text)
                continue
            try:
                address = ipaddress.ip_address(text)
            except ValueError:
                place = slice_.at("endpoints", index, "addresses", position)
                found.add(codes.REPLICA_ADDRESS, at=place, object=slice_.key, got=text)
                continue
            if f"IPv{address.version}" != family:
                place = slice_.at("endpoints", index, "addresses", position)
                found.add(route_codes.ENDPOINT_FAMILY, at=place, object=slice_.key, got=text, type=family)
            elif why := _forbidden(address):
                place = slice_.at("endpoints", index, "addresses", position)
                found.add(route_codes.ENDPOINT_FORBIDDEN, at=place, object=slice_.key, got=text, what=why)
            else:
                usable.append(str(address))
        yield each, usable


def _forbidden(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """Why nothing may be sent to an address. Loopback is Tidegate's everyday; the rest is as Kubernetes has it."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_link_local:
        return "a link-local address, as metadata services have"
    if address.is_multicast or address.is_unspecified or address == _BROADCAST:
        return "no address of one host"
    return ""


def _of_annotation(service: Object[Service], port: ServicePort, found: Found) -> list[Endpoint]:
    """`127.0.0.1:8001,[::1]:8002`; after `PORT=`, a port's name or number, what follows is of that port alone."""
    text = service.body.metadata.annotations.get(ANNOTATION)
    if text is None:
        return []
    place = service.at("metadata", "annotations", ANNOTATION)
    ports = service.body.spec.ports
    known = {str(p.port) for p in ports} | {p.name for p in ports if p.name}
    own = {str(port.port), port.name or str(port.port)}
    endpoints: list[Endpoint] = []
    shared: set[Endpoint] = set()
    current: str | None = None
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        address = part
        if match := _PORT_PREFIX.match(part):
            current, address = match[1], part[match.end() :]
            if current not in known:
                found.add(
                    route_codes.ENDPOINTS_PORT,
                    at=place,
                    object=service.key,
                    port=current,
                    help=did_you_mean_or_known(current, known),
                )
        endpoint = _endpoint(service, address, found)
        if endpoint is not None and current is None:
            shared.add(endpoint)
        if endpoint is not None and (current is None or current in own):
            endpoints.append(endpoint)
    if len(ports) > 1 and len({endpoint.port for endpoint in shared}) > 1:
        found.add(
            route_codes.ENDPOINTS_SHARED,
            at=place,
            object=service.key,
            count=len(ports),
            help=f"write `{ports[0].name or ports[0].port}=` before the addresses of that port, and so on for each",
        )
    return endpoints


def _endpoint(service: Object[Service], text: str, found: Found) -> Endpoint | None:
    place = service.at("metadata", "annotations", ANNOTATION)
    host, _, number = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = ipaddress.ip_address(bare)
        # RFC 3986 section 3.2.2: without brackets nothing tells where an IPv6 address ends.
        usable = number.isascii() and number.isdecimal() and 0 < int(number[:6]) < 65536
        usable = usable and (address.version == 6) == (host != bare)
    except ValueError:
        usable = False
    if not usable:
        found.add(
            codes.ENDPOINTS_ANNOTATION,
            at=place,
            object=service.key,
            got=f"`{text}`",
            label="for example 127.0.0.1:8001,[::1]:8002",
        )
        return None
    if why := _forbidden(address):
        found.add(route_codes.ENDPOINT_FORBIDDEN, at=place, object=service.key, got=bare, what=why)
        return None
    return Endpoint(str(address), int(number))


def _sorted(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    return tuple(sorted(set(endpoints)))
