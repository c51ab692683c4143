"""HealthCheckPolicy, readiness probes and defaults to Envoy's active health checks."""

from __future__ import annotations

from tidegate.envoy import health_checks as envoy
from tidegate.envoy.resources import JsonObject
from tidegate.envoy.tls import in_the_clear, unverified_tls
from tidegate.model import Backend, BackendProtocol, GrpcProbe, HealthCheck, HttpProbe, TcpProbe


def compile_health_check(backend: Backend, check: HealthCheck) -> JsonObject:
    """A part of the backend's cluster."""
    return envoy.health_checked(
        _probe(backend, check.probe),
        interval_s=check.interval_s,
        timeout_s=check.timeout_s,
        healthy_threshold=check.healthy_threshold,
        unhealthy_threshold=check.unhealthy_threshold,
        own_socket=_has_own_socket(backend),
    )


def probe_socket(backend: Backend) -> JsonObject:
    """The transport socket of probes, by name, where it is not that of requests.

    Nothing says whom to expect at the other end, and a probe carries nothing that would be lost to a stranger: as with
    a kubelet's HTTPS probes, the certificate is not verified.
    """
    if backend.health_check is None or not _has_own_socket(backend):
        return {}
    return {envoy.PROBE_SOCKET: unverified_tls() if backend.health_check.tls else in_the_clear()}


def _has_own_socket(backend: Backend) -> bool:
    wanted = backend.health_check.tls if backend.health_check is not None else None
    return wanted is not None and wanted != (backend.tls is not None)


def _probe(backend: Backend, probe: HttpProbe | GrpcProbe | TcpProbe) -> JsonObject:
    match probe:
        case HttpProbe():
            return envoy.http_check(
                host=probe.host or backend.audience,
                path=probe.path,
                statuses=probe.statuses,
                body=probe.body,
                http2=backend.protocol is BackendProtocol.HTTP2,
            )
        case GrpcProbe():
            return envoy.grpc_check(service=probe.service, authority=probe.authority or backend.audience)
        case TcpProbe():
            return envoy.tcp_check()
