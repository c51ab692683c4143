"""backendRefs to backends: what resolves, what answers 500 for its share, and which reason the status gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.diagnostics import Found, Related
from tidegate.diagnostics.codes import references as codes
from tidegate.diagnostics.suggest import did_you_mean
from tidegate.manifests.endpoints import endpoints_of, runnable
from tidegate.manifests.grants import malformed_grant, permitted
from tidegate.manifests.objects import Manifests, Object
from tidegate.manifests.schema.core import Service, ServicePort
from tidegate.manifests.schema.gateway_api import HTTPBackendRef, HTTPRoute
from tidegate.model import Backend, BackendId, Endpoint, ObjectKey, ObjectName, WeightedBackend

# GEP-1911: what Tidegate speaks to a backend is HTTP/1.1, WebSocket included.
_SPOKEN = frozenset(("http", "kubernetes.io/ws"))


@dataclass
class Backends:
    """Resolves references and remembers every backend that one of them named; one for each compilation."""

    manifests: Manifests
    replicas: Mapping[ObjectName, tuple[Endpoint, ...]]
    run_workloads: bool
    found: Found
    named: dict[BackendId, Backend] = field(default_factory=dict)

    def resolve(
        self, route: Object[HTTPRoute], reference: HTTPBackendRef, path: tuple[str | int, ...]
    ) -> tuple[WeightedBackend, str]:
        """One reference with its weight, and the reason of ResolvedRefs: "ResolvedRefs" when all is well."""
        broken = WeightedBackend(None, reference.weight)
        if (reference.group, reference.kind) != ("", "Service"):
            kind = f"{reference.kind} of {reference.group}" if reference.group else reference.kind
            self.found.add(codes.BACKEND_KIND, at=route.at(*path, "kind"), route=route.key, kind=kind)
            return broken, "InvalidKind"
        name = ObjectName(reference.namespace or route.key.namespace, reference.name)
        target = ObjectKey("", "Service", name.namespace, name.name)
        if not permitted(self.manifests, referrer=route.key, target=target):
            if malformed_grant(self.manifests, name.namespace):
                return broken, "RefNotPermitted"
            self.found.add(
                codes.BACKEND_NOT_PERMITTED,
                at=route.at(*path, "namespace"),
                route=route.key,
                service=name,
                help=f"add a ReferenceGrant to namespace `{name.namespace}` that allows HTTPRoutes of "
                f"`{route.key.namespace}` to refer to Services",
            )
            return broken, "RefNotPermitted"
        id_ = BackendId(name, reference.port or 0)
        service = self.manifests.get(Service, group="", namespace=name.namespace, name=name.name)
        if service is None and target in self.manifests.refused:
            # Malformed is not missing: it answers 503 until it is right.
            return WeightedBackend(self._closed(id_), reference.weight), "ResolvedRefs"
        if service is None:
            self._report_missing(route, name, path)
            return broken, "BackendNotFound"
        if not service.serves:
            return WeightedBackend(self._closed(id_), reference.weight), "ResolvedRefs"
        port = next((p for p in service.body.spec.ports if p.port == reference.port), None)
        if port is None:
            self._report_port(route, service, reference, path)
            return broken, "BackendNotFound"
        if protocol := _foreign_protocol(port):
            self.found.add(
                codes.BACKEND_PROTOCOL,
                at=route.at(*path, "port"),
                route=route.key,
                port=port.port,
                service=name,
                protocol=protocol,
            )
            return broken, "UnsupportedProtocol"
        return WeightedBackend(self._open(id_, service, port), reference.weight), "ResolvedRefs"

    def serve(self, service: Object[Service], port: ServicePort) -> BackendId | None:
        """The backend of a Service port that something other than a reference names; None for what is no HTTP."""
        return None if _foreign_protocol(port) else self._open(BackendId(service.name, port.port), service, port)

    def _closed(self, id_: BackendId) -> BackendId:
        self.named.setdefault(id_, Backend(id_, (), audience(id_.service)))
        return id_

    def _open(self, id_: BackendId, service: Object[Service], port: ServicePort) -> BackendId:
        if id_ in self.named:
            return id_
        endpoints = endpoints_of(
            service,
            port,
            manifests=self.manifests,
            replicas=self.replicas,
            run_workloads=self.run_workloads,
            found=self.found,
        )
        if not endpoints and not runnable(service, self.manifests):
            self.found.add(
                codes.BACKEND_EMPTY,
                at=service.at("metadata", "name"),
                port=port.port,
                service=service.name,
                help="add an EndpointSlice, the annotation `tidegate.dev/endpoints`, or a Deployment with "
                "`tidegate.dev/run` whose pods the selector takes",
            )
        self.named[id_] = Backend(id_, endpoints, audience(id_.service))
        return id_

    def _report_missing(self, route: Object[HTTPRoute], name: ObjectName, path: tuple[str | int, ...]) -> None:
        known = [s.key.name for s in self.manifests.of(Service) if s.key.namespace == name.namespace]
        self.found.add(
            codes.BACKEND_NOT_FOUND,
            at=route.at(*path, "name"),
            route=route.key,
            service=name,
            help=did_you_mean(name.name, known),
            notes=["its share of the requests answers 500"],
        )

    def _report_port(
        self, route: Object[HTTPRoute], service: Object[Service], reference: HTTPBackendRef, path: tuple[str | int, ...]
    ) -> None:
        ports = [f"{p.port} ({p.name})" if p.name else str(p.port) for p in service.body.spec.ports]
        self.found.add(
            codes.BACKEND_PORT_UNKNOWN,
            at=route.at(*path, "port"),
            route=route.key,
            port=reference.port,
            service=service.name,
            label=f"{service.key.name} has {' and '.join(ports) or 'no ports'}",
            related=[Related(service.key_at("spec", "ports"), f"{service.key.name}'s ports are declared here")],
            notes=["its share of the requests answers 500"],
        )


def audience(service: ObjectName) -> str:
    """By which the gateway proves itself to a Service."""
    return f"{service.name}.{service.namespace}.svc"


def _foreign_protocol(port: ServicePort) -> str:
    if port.protocol != "TCP":
        return port.protocol
    if port.app_protocol is not None and port.app_protocol not in _SPOKEN:
        return f"`{port.app_protocol}`"
    return ""
