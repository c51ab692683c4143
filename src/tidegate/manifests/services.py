"""What a route needs to know of a Service, and no more: that it exists, its ports, and what is spoken there.

Endpoints, annotations and selectors are not in it, so their changes do not reach a route.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from tidegate.manifests.objects import Manifests
from tidegate.manifests.schema.core import Namespace, Service, ServicePort
from tidegate.model import BackendProtocol, ObjectKey, ObjectName

EXTERNAL_NAMES: Final = "tidegate.dev/external-names"
"""The annotation `allow` of a Namespace: whoever may change the Namespace answers for where its names lead."""


class Client(Enum):
    """Who speaks to a backend, by the kind of route."""

    HTTP = "HTTPRoute"
    GRPC = "GRPCRoute"
    TLS = "TLSRoute"
    """Where TLS is terminated; a BackendTLSPolicy encrypts again."""
    PASSTHROUGH = "TLSRoute of a passthrough listener"
    """TLS is between the client and the backend alone."""
    TCP = "TCPRoute"
    UDP = "UDPRoute"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What an `appProtocol` means."""

    protocol: BackendProtocol
    tls: bool = False
    websocket: bool = False


_H1: Final = Spoken(BackendProtocol.HTTP1)
_H2: Final = Spoken(BackendProtocol.HTTP2)
_H1_TLS: Final = Spoken(BackendProtocol.HTTP1, tls=True)
_H2_TLS: Final = Spoken(BackendProtocol.HTTP2, tls=True)
_WS: Final = Spoken(BackendProtocol.HTTP1, websocket=True)
_WSS: Final = Spoken(BackendProtocol.HTTP1, tls=True, websocket=True)

APP_PROTOCOLS: Final = {
    # KEP-3726, which GEP-1911 asks for.
    "kubernetes.io/h2c": _H2,
    "kubernetes.io/ws": _WS,
    "kubernetes.io/wss": _WSS,
    # IANA's names, and what other gateways and clouds read.
    "http": _H1,
    "https": _H1_TLS,
    "ws": _WS,
    "wss": _WSS,
    "h2c": _H2,
    "http2": _H2,
    "h2": _H2_TLS,
    "grpc": _H2,
    "kubernetes.io/grpc": _H2,
    "grpcs": _H2_TLS,
    "gateway.envoyproxy.io/h2c": _H2,
    "gateway.envoyproxy.io/ws": _WS,
    "gateway.envoyproxy.io/wss": _WSS,
}
"""By lower-case name: GKE writes HTTP, HTTPS and HTTP2."""


@dataclass(frozen=True, slots=True)
class Port:
    """One port of a Service."""

    number: int
    name: str
    protocol: str
    """TCP, UDP or SCTP."""
    app_protocol: str | None

    @property
    def spoken(self) -> Spoken | None:
        """What to speak there over HTTP; None where it is no HTTP."""
        return _H1 if self.app_protocol is None else APP_PROTOCOLS.get(self.app_protocol.lower())

    def __str__(self) -> str:
        protocol = "" if self.protocol == "TCP" else f"/{self.protocol}"
        return f"{self.number}{protocol} ({self.name})" if self.name else f"{self.number}{protocol}"


@dataclass(frozen=True, slots=True)
class ServiceFace:
    """A Service as routes see it."""

    ports: tuple[Port, ...]
    serves: bool = True
    """False: malformed. What is sent to it answers 503 until it is right."""
    external_name: str | None = None
    """Of type ExternalName: the host that it stands for."""
    external_allowed: bool = False
    """Whether the namespace allows such names."""

    def port(self, number: int, protocol: str) -> Port | None:
        """One port; Kubernetes lets one number stand for TCP and for UDP."""
        if self.external_name is not None and not self.ports:
            return Port(number, "", protocol, None)  # no ports are asked of an ExternalName: the name is all there is
        return next((p for p in self.ports if (p.number, p.protocol) == (number, protocol)), None)


def service_face(manifests: Manifests, name: ObjectName) -> ServiceFace | None:
    """What routes see of a Service; None where there is none."""
    service = manifests.get(Service, group="", namespace=name.namespace, name=name.name)
    if service is None:
        return ServiceFace((), serves=False) if manifests.is_refused(service_key(name)) else None
    spec = service.body.spec
    external = spec.external_name if spec.type == "ExternalName" else None
    return ServiceFace(
        tuple(port_of(port) for port in spec.ports),
        service.serves,
        external,
        external is not None and external_names_allowed(manifests, name.namespace),
    )


ServiceLookup: TypeAlias = Callable[[Manifests, ObjectName], ServiceFace | None]
"""`service_face`, or the same remembered."""


def port_of(port: ServicePort) -> Port:
    return Port(port.port, port.name or "", port.protocol, port.app_protocol)


def service_key(name: ObjectName) -> ObjectKey:
    return ObjectKey("", "Service", name.namespace, name.name)


def external_names_allowed(manifests: Manifests, namespace: str) -> bool:
    """Whether the Namespace says that its ExternalName Services may be sent to."""
    declared = manifests.get(Namespace, group="", namespace="", name=namespace)
    return declared is not None and declared.body.metadata.annotations.get(EXTERNAL_NAMES) == "allow"


def why_not_outside(name: ObjectName, face: ServiceFace) -> tuple[str, str] | None:
    """Why nothing is sent to an ExternalName Service, and the way out; None where it may, or where it is none."""
    if face.external_name is None:
        return None
    if why := unsafe_host(face.external_name):
        return f"of type ExternalName, which leads to `{face.external_name}`: {why}", ""
    if face.external_allowed:
        return None
    return (
        f"of type ExternalName, which Namespace {name.namespace} does not allow",
        f"annotate the Namespace with `{EXTERNAL_NAMES}: allow`",
    )


def unsafe_host(host: str) -> str:
    """Why no ExternalName may lead to a host; "" when it may.

    CVE-2021-25740: a name would reach what no ReferenceGrant of the place that it leads to allows.
    """
    labels = host.split(".")
    if len(labels) == 1 or labels[-1] == "localhost":
        return "a host of this machine or of its search domains"
    if labels[-1] in ("local", "svc") or "svc" in labels[2:3]:
        return "a host inside the cluster; refer to that Service itself, with a ReferenceGrant"
    if host == "metadata.google.internal":
        return "a metadata service"
    return ""
