"""References to backends: what resolves, what answers 500 for its share, and which reason the status gives.

Two halves that know nothing of each other. `resolve_reference` looks at the Service's existence and its ports, and
answers with a `BackendId`; `build_backend` looks at the endpoints behind one. A change of endpoints changes no route.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from tidegate.diagnostics import Found, Related
from tidegate.diagnostics.codes import references as codes
from tidegate.diagnostics.codes import routes as route_codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.endpoints import RunLookup, SliceLookup, endpoints_of, report_empty, runnable, slices_of
from tidegate.manifests.grants import grant_to_add, malformed_grant, permitted
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema import Resource
from tidegate.manifests.schema.core import Service, ServicePort
from tidegate.manifests.services import (
    EXTERNAL_NAMES,
    Client,
    Port,
    ServiceFace,
    ServiceLookup,
    port_of,
    service_face,
    service_key,
    unsafe_host,
)
from tidegate.model import (
    Backend,
    BackendId,
    BackendProtocol,
    BackendTls,
    CircuitBreaker,
    Endpoint,
    HealthCheck,
    LoadBalancing,
    ObjectName,
    WeightedBackend,
)

Path = tuple[str | int, ...]

_JOIN: Final = "+"
_VARIANTS: Final = {
    Client.HTTP: "",
    Client.GRPC: "h2c",
    Client.TLS: "tcp",
    Client.PASSTHROUGH: "passthrough",
    Client.TCP: "tcp",
    Client.UDP: "udp",
}
"""`BackendId.variant` by who asks; GRPCRoutes have "" where the port speaks HTTP/2 anyway."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A reason of the condition ResolvedRefs or Accepted, and what its message says."""

    reason: str
    message: str = ""


RESOLVED: Final = Verdict("ResolvedRefs")


class Reference(Protocol):
    """What backendRefs of all routes and of mirrors have."""

    @property
    def group(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def namespace(self) -> str | None: ...
    @property
    def port(self) -> int | None: ...


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


class TlsLookup(Protocol):
    """Whether some policy says how to speak TLS to a port of a Service."""

    def __call__(self, manifests: Manifests, service: ObjectName, port: Port, /) -> bool: ...


def no_tls(_manifests: Manifests, _service: ObjectName, _port: Port, /) -> bool:
    """The answer where nobody knows of policies."""
    return False


@dataclass(frozen=True, slots=True)
class References:
    """Resolves the references of one object."""

    manifests: Manifests
    referrer: Object[Resource]
    found: Found
    service_of: ServiceLookup = service_face
    has_tls: TlsLookup = no_tls

    def resolve(self, reference: Reference, path: Path, client: Client) -> tuple[BackendId | None, Verdict]:
        """The backend that a reference at `path` names, or None, and the reason of ResolvedRefs."""
        if (reference.group, reference.kind) != ("", "Service"):
            kind = f"{reference.kind} of {reference.group}" if reference.group else reference.kind
            return self._refuse("InvalidKind", codes.BACKEND_KIND, (*path, "kind"), kind=kind)
        name = ObjectName(reference.namespace or self.referrer.key.namespace, reference.name)
        if not permitted(self.manifests, referrer=self.referrer.key, target=service_key(name)):
            return self._forbidden(name, path)
        number = reference.port or 0
        face = self.service_of(self.manifests, name)
        if face is None:
            known = [s.key.name for s in self.manifests.in_namespace(Service, name.namespace)]
            return self._refuse(
                "BackendNotFound",
                codes.BACKEND_NOT_FOUND,
                (*path, "name"),
                service=name,
                help=did_you_mean(name.name, known),
            )
        if not face.serves:
            # Malformed is not missing: it answers 503 until it is right.
            return BackendId(name, number, _VARIANTS[client]), RESOLVED
        if face.external_name is not None and (why := _not_outside(name, face)):
            return self._refuse("InvalidKind", route_codes.EXTERNAL_NAME, (*path, "name"), service=name, what=why)
        port = _port(face, number, "UDP" if client is Client.UDP else "TCP")
        if port is None:
            return self._no_port(name, face, number, path, client)
        if spoken := _foreign(self.manifests, name, port, client, self.has_tls):
            code = route_codes.BACKEND_NEEDS_TLS if spoken == _PLAIN else codes.BACKEND_PROTOCOL
            return self._refuse(
                "UnsupportedProtocol",
                code,
                (*path, "port"),
                port=number,
                service=name,
                protocol=f"`{port.app_protocol}`",
                notes=() if spoken == _PLAIN else (spoken,),
            )
        return backend_id(name, port, client), RESOLVED

    def _forbidden(self, name: ObjectName, path: Path) -> tuple[None, Verdict]:
        target = service_key(name)
        if malformed_grant(self.manifests, name.namespace):
            return None, Verdict("RefNotPermitted", f"the ReferenceGrants of namespace {name.namespace} are malformed")
        return self._refuse(
            "RefNotPermitted",
            codes.BACKEND_NOT_PERMITTED,
            (*path, "namespace"),
            service=name,
            help=f"add to namespace `{name.namespace}`: {grant_to_add(referrer=self.referrer.key, target=target)}",
        )

    def _no_port(
        self, name: ObjectName, face: ServiceFace, number: int, path: Path, client: Client
    ) -> tuple[None, Verdict]:
        others = [port for port in face.ports if port.number == number]
        if others:
            return self._refuse(
                "UnsupportedProtocol",
                codes.BACKEND_PROTOCOL,
                (*path, "port"),
                port=number,
                service=name,
                protocol=others[0].protocol,
                label=f"{self.referrer.key.kind}s send {'UDP' if client is Client.UDP else 'TCP'}",
            )
        service = self.manifests.get(Service, group="", namespace=name.namespace, name=name.name)
        related = (
            [Related(service.key_at("spec", "ports"), f"{name.name}'s ports are declared here")] if service else []
        )
        return self._refuse(
            "BackendNotFound",
            codes.BACKEND_PORT_UNKNOWN,
            (*path, "port"),
            port=number,
            service=name,
            label=f"{name.name} has {' and '.join(map(str, face.ports)) or 'no ports'}",
            related=related,
        )

    def _refuse(
        self, reason: str, code: Any, path: Path, *, notes: Iterable[str] = (), **more: Any
    ) -> tuple[None, Verdict]:
        lost = "no copies are sent" if "requestMirror" in path else _LOST.get(self.referrer.key.kind, _LOST_STREAM)
        finding = self.found.add(
            code, at=self.referrer.at(*path), route=self.referrer.key, notes=(*notes, lost), **more
        )
        return None, Verdict(reason, finding.message)


_PLAIN: Final = "no BackendTLSPolicy"
_LOST: Final = {
    "HTTPRoute": "its share of the requests answers 500",
    "GRPCRoute": "its share of the requests answers UNAVAILABLE",
}
_LOST_STREAM: Final = "its share of the connections is refused"


def _not_outside(name: ObjectName, face: ServiceFace) -> str:
    host = face.external_name or ""
    if why := unsafe_host(host):
        return f"of type ExternalName, which leads to `{host}`: {why}"
    if not face.external_allowed:
        return f"of type ExternalName; annotate Namespace {name.namespace} with `{EXTERNAL_NAMES}: allow` to let it"
    return ""


def _port(face: ServiceFace, number: int, protocol: str) -> Port | None:
    if face.external_name is not None and not face.ports:
        return Port(number, "", protocol, None)  # Kubernetes asks for none: the name is all there is
    return face.port(number, protocol)


def _foreign(manifests: Manifests, name: ObjectName, port: Port, client: Client, has_tls: TlsLookup) -> str:
    """Why a client cannot speak to a port; "" when it can (GEP-1911)."""
    if client not in (Client.HTTP, Client.GRPC):
        return ""  # bytes are bytes
    spoken = port.spoken
    if spoken is None:
        return "read are " + ", ".join(
            ("http", "https", "kubernetes.io/h2c", "kubernetes.io/ws", "kubernetes.io/wss", "grpc")
        )
    if client is Client.GRPC and (port.app_protocol or "").lower().endswith(("ws", "wss")):
        return "gRPC is spoken over HTTP/2"
    if spoken.tls and not has_tls(manifests, name, port):
        return _PLAIN
    return ""


def backend_id(name: ObjectName, port: Port, client: Client) -> BackendId:
    """The backend that a kind of route speaks to at a port."""
    spoken = port.spoken
    if client is Client.GRPC and spoken is not None and spoken.protocol is BackendProtocol.HTTP2:
        return BackendId(name, port.number)
    return BackendId(name, port.number, _VARIANTS[client])


def presenting(id_: BackendId, gateway: ObjectName) -> BackendId:
    """The same backend as a Gateway meets it that presents a certificate of its own."""
    base = spoken_as(id_)
    return BackendId(id_.service, id_.port, f"{base}{_JOIN}{gateway}")


def spoken_as(id_: BackendId) -> str:
    """The part of the variant that says how the port is spoken to."""
    return id_.variant.partition(_JOIN)[0]


def presented_by(id_: BackendId) -> ObjectName | None:
    """The Gateway whose certificate is presented, if any."""
    gateway = id_.variant.partition(_JOIN)[2]
    namespace, _, name = gateway.partition("/")
    return ObjectName(namespace, name) if gateway else None


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
    variant = spoken_as(id_)
    name = id_.service
    service = manifests.get(Service, group="", namespace=name.namespace, name=name.name)
    protocol = {"tcp": BackendProtocol.TCP, "passthrough": BackendProtocol.TCP, "udp": BackendProtocol.UDP}.get(variant)
    if service is None or not service.serves or (settings is not None and settings.closed):
        return Backend(id_, (), audience(name), protocol or BackendProtocol.HTTP1)
    wanted = "UDP" if variant == "udp" else "TCP"
    port = next((p for p in service.body.spec.ports if (p.port, p.protocol) == (id_.port, wanted)), None)
    hostname, hostname_port, endpoints = None, 0, tuple[Endpoint, ...]()
    if service.body.spec.type == "ExternalName":
        face = service_face(manifests, name)
        if face is not None and not _not_outside(name, face):
            hostname = service.body.spec.external_name
            hostname_port = port.target_port if port and isinstance(port.target_port, int) else id_.port
    elif port is not None:
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
    return Backend(
        id_,
        endpoints,
        audience(name),
        protocol or _http_protocol(port, variant),
        hostname=hostname,
        hostname_port=hostname_port,
        tls=settings.tls if settings is not None and variant not in ("passthrough", "udp") else None,
        load_balancing=settings.load_balancing if settings is not None else None,
        circuit_breaker=settings.circuit_breaker if settings is not None else None,
        health_check=settings.health_check if settings is not None and variant != "udp" else None,
    )


def _http_protocol(port: ServicePort | None, variant: str) -> BackendProtocol:
    if variant == "h2c":
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


@dataclass
class Backends:
    """Resolves references and remembers every backend that one of them named; one for each compilation."""

    manifests: Manifests
    replicas: Mapping[ObjectName, tuple[Endpoint, ...]]
    run_workloads: bool
    found: Found
    named: dict[BackendId, Backend] = field(default_factory=dict)

    def resolve(self, route: Object[Any], reference: Any, path: Path) -> tuple[WeightedBackend, str]:
        """One reference with its weight, and the reason of ResolvedRefs: "ResolvedRefs" when all is well."""
        references = References(self.manifests, route, self.found)
        id_, verdict = references.resolve(reference, path, Client.HTTP)
        if id_ is not None:
            self.build(id_)
        return WeightedBackend(id_, reference.weight), verdict.reason

    def serve(self, service: Object[Service], port: ServicePort) -> BackendId | None:
        """The backend of a Service port that something other than a reference names; None for what is no HTTP."""
        id_ = BackendId(service.name, port.port)
        if id_ not in served_ports(service):
            return None
        self.build(id_)
        return id_

    def build(self, id_: BackendId) -> None:
        """Make sure that a backend is there."""
        if id_ not in self.named:
            self.named[id_] = build_backend(
                self.manifests,
                id_,
                settings=None,
                replicas=self.replicas,
                run_workloads=self.run_workloads,
                found=self.found,
            )
