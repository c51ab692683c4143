"""References to backends: what resolves, what answers 500 for its share, and which reason the status gives.

Looks at Services' existence and ports and at ReferenceGrants. What is behind a Service (`backends`) is no concern of
a route: its changes change none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from tidegate.diagnostics import Code, Found, Related
from tidegate.diagnostics.codes import references as codes
from tidegate.diagnostics.codes import routes as route_codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.backend_ids import backend_id, closed_id
from tidegate.manifests.grants import grant_to_add, malformed_grant, permitted
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema import Resource
from tidegate.manifests.schema.core import Service
from tidegate.manifests.services import (
    Client,
    Port,
    ServiceFace,
    ServiceLookup,
    service_face,
    service_key,
    why_not_outside,
)
from tidegate.model import BackendId, ObjectName

Path = tuple[str | int, ...]

UNSERVED: Final = {"HTTPRoute": "500", "GRPCRoute": "UNAVAILABLE"}
"""What requests answer that a route of this kind cannot send anywhere."""

_READ: Final = "http, https, grpc, h2c, kubernetes.io/h2c, kubernetes.io/ws and kubernetes.io/wss"


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


class TlsLookup(Protocol):
    """Whether some policy says how to speak TLS to a port of a Service (`alb.backends.says_tls`)."""

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
        # First of all: whether a Service of another namespace exists is that namespace's own business.
        if not permitted(self.manifests, referrer=self.referrer.key, target=service_key(name)):
            return self._forbidden(name, path)
        number = reference.port or 0
        face = self.service_of(self.manifests, name)
        if face is None:
            known = [s.key.name for s in self.manifests.in_namespace(Service, name.namespace)]
            help_ = did_you_mean(name.name, known)
            return self._refuse("BackendNotFound", codes.BACKEND_NOT_FOUND, (*path, "name"), service=name, help=help_)
        if not face.serves:
            # Malformed is not missing: it answers 503 until it is right.
            return closed_id(name, number, client), RESOLVED
        if why := why_not_outside(name, face):
            what, help_ = why
            return self._refuse(
                "InvalidKind", route_codes.EXTERNAL_NAME, (*path, "name"), service=name, what=what, help=help_
            )
        port = face.port(number, "UDP" if client is Client.UDP else "TCP")
        if port is None:
            return self._no_port(name, face, number, path)
        return self._spoken(name, port, path, client)

    def _spoken(self, name: ObjectName, port: Port, path: Path, client: Client) -> tuple[BackendId | None, Verdict]:
        """GEP-1911: whether this client can speak what the port speaks."""
        where: dict[str, Any] = {"port": port.number, "service": name, "protocol": f"`{port.app_protocol}`"}
        if client in (Client.HTTP, Client.GRPC):
            spoken = port.spoken
            if spoken is None or (client is Client.GRPC and spoken.websocket):
                label = "gRPC is spoken over HTTP/2" if spoken else ""
                help_ = "" if spoken else f"of `appProtocol` an HTTPRoute or GRPCRoute reads {_READ}"
                return self._refuse(
                    "UnsupportedProtocol", codes.BACKEND_PROTOCOL, (*path, "port"), label=label, help=help_, **where
                )
            if spoken.tls and not self.has_tls(self.manifests, name, port):
                return self._refuse(
                    "UnsupportedProtocol",
                    route_codes.BACKEND_NEEDS_TLS,
                    (*path, "port"),
                    help=f"add a BackendTLSPolicy to namespace `{name.namespace}` that targets Service `{name.name}`",
                    **where,
                )
        return backend_id(name, port, client), RESOLVED

    def _forbidden(self, name: ObjectName, path: Path) -> tuple[None, Verdict]:
        if malformed_grant(self.manifests, name.namespace):
            # The grant's own findings say it.
            return None, Verdict("RefNotPermitted", f"a ReferenceGrant of namespace {name.namespace} is malformed")
        grant = grant_to_add(referrer=self.referrer.key, target=service_key(name))
        return self._refuse(
            "RefNotPermitted",
            codes.BACKEND_NOT_PERMITTED,
            (*path, "namespace"),
            service=name,
            help=f"add to namespace `{name.namespace}`: {grant}",
        )

    def _no_port(self, name: ObjectName, face: ServiceFace, number: int, path: Path) -> tuple[None, Verdict]:
        place = (*path, "port")
        other = next((port for port in face.ports if port.number == number), None)
        if other is not None:
            kind = self.referrer.key.kind
            label = f"{kind}s send {'UDP' if kind == 'UDPRoute' else 'TCP'}"
            protocol = other.protocol
            return self._refuse(
                "UnsupportedProtocol",
                codes.BACKEND_PROTOCOL,
                place,
                port=number,
                service=name,
                protocol=protocol,
                label=label,
            )
        service = self.manifests.get(Service, group="", namespace=name.namespace, name=name.name)
        declared = f"{name.name}'s ports are declared here"
        return self._refuse(
            "BackendNotFound",
            codes.BACKEND_PORT_UNKNOWN,
            place,
            port=number,
            service=name,
            label=f"{name.name} has {_listed([str(port) for port in face.ports]) or 'no ports'}",
            related=[Related(service.key_at("spec", "ports"), declared)] if service is not None else (),
        )

    def _refuse(
        self,
        reason: str,
        code: Code,
        path: Path,
        *,
        label: str = "",
        help: str = "",
        related: Iterable[Related] = (),
        **fields: object,
    ) -> tuple[None, Verdict]:
        kind = self.referrer.key.kind
        if "requestMirror" in path:
            lost = "no copies are sent"
        elif kind in UNSERVED:
            lost = f"its share of the requests answers {UNSERVED[kind]}"
        else:
            lost = "its share of the connections is refused"
        finding = self.found.add(
            code,
            at=self.referrer.at(*path),
            label=label,
            help=help,
            notes=(lost,),
            related=related,
            route=self.referrer.key,
            **fields,
        )
        return None, Verdict(reason, finding.message)


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
