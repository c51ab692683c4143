"""Backends to clusters and endpoints.

A cluster is a function of everything of its backend but the endpoints: when these change, only they are sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tidegate.compilers.health_checks import compile_health_check, probe_socket
from tidegate.compilers.load_balancing import compile_load_balancing
from tidegate.compilers.tls import shown_certificate, shown_name, upstream_secrets, upstream_socket
from tidegate.envoy.clusters import Limits, Speech, Upstream, eds_cluster, host_cluster, is_address, load_assignment
from tidegate.envoy.durations import seconds
from tidegate.envoy.resources import CLUSTER, ENDPOINT, JsonObject, ResourceName
from tidegate.envoy.tls import PeerValidation, dns_name, ip_address, upstream_tls
from tidegate.model import Backend, BackendId, BackendProtocol, CircuitBreaker, ExternalBackend

# uvicorn and Node close an idle connection after 5 s. Being the first to close leaves no request on a connection
# that the backend is just closing.
_SERVICE_IDLE_S: Final = 4.0
# HTTP/2 says goodbye before it closes, and what had not begun is sent again elsewhere.
_HTTP2_IDLE_S: Final = 60.0
_EXTERNAL_IDLE_TIMEOUT: Final = "60s"

_SPEECH: Final = {
    BackendProtocol.HTTP1: Speech.HTTP1,
    BackendProtocol.HTTP2: Speech.HTTP2,
    BackendProtocol.TCP: Speech.BYTES,
    BackendProtocol.UDP: Speech.BYTES,
}


def cluster_name(backend: BackendId | ExternalBackend) -> str:
    """`namespace/service:port`, or the outside host's URL."""
    return str(backend)


def proof_secret(audience: str) -> str:
    """The name of the secret that holds the gateway's proof for this audience."""
    return f"proof/{audience}"


def proof_audience(backend: Backend | ExternalBackend) -> str | None:
    """For whom the gateway's proof is that goes with requests to this backend; None: none goes.

    The proof is a bearer token. A host outside (an ExternalName too) has no business with it, and what is no HTTP
    cannot carry it.
    """
    if isinstance(backend, ExternalBackend) or backend.hostname is not None:
        return None
    return backend.audience if backend.protocol in (BackendProtocol.HTTP1, BackendProtocol.HTTP2) else None


def compile_backend(
    backend: Backend | ExternalBackend, *, system_roots: str
) -> Iterator[tuple[ResourceName, JsonObject]]:
    """The cluster of one backend, its secrets but the proof, and its endpoints if it is a Service port.

    `system_roots` is the file with the certificate authorities that the operating system trusts.
    """
    match backend:
        case ExternalBackend():
            name = cluster_name(backend)
            upstream = _outside(backend, system_roots)
            if backend.certificate is not None:
                yield shown_certificate(backend.certificate)
            yield ResourceName(CLUSTER, name), host_cluster(name, upstream, host=backend.host, port=backend.port)
        case Backend():
            name = cluster_name(backend.id)
            upstream = _service(backend, system_roots)
            yield from upstream_secrets(backend)
            if backend.hostname is not None:
                cluster = host_cluster(name, upstream, host=backend.hostname, port=backend.hostname_port)
                yield ResourceName(CLUSTER, name), cluster
                return
            yield ResourceName(CLUSTER, name), eds_cluster(name, upstream)
            endpoints = [(endpoint.address, endpoint.port) for endpoint in backend.endpoints]
            check = backend.health_check
            probe_port = check.port if check is not None else None
            yield ResourceName(ENDPOINT, name), load_assignment(name, endpoints, probe_port=probe_port)


def _service(backend: Backend, system_roots: str) -> Upstream:
    audience = proof_audience(backend)
    check = backend.health_check
    idle_s = _HTTP2_IDLE_S if backend.protocol is BackendProtocol.HTTP2 else _SERVICE_IDLE_S
    # Envoy ends a probe when the idle timeout of requests has passed, however long the probe may take. Where it may
    # take longer, connections of requests are given up by age instead, which is never less than how long they idle.
    long_probe = check is not None and check.timeout_s >= idle_s
    return Upstream(
        speech=_SPEECH[backend.protocol],
        idle_timeout=seconds(check.timeout_s + 1 if check is not None and long_probe else idle_s),
        connection_age=seconds(idle_s) if long_probe else None,
        proof_secret=proof_secret(audience) if audience is not None else None,
        limits=_limits(backend.circuit_breaker),
        transport_socket=upstream_socket(backend, system_roots=system_roots),
        other_sockets=probe_socket(backend),
        more={
            **compile_load_balancing(backend.load_balancing),
            **(compile_health_check(backend, check) if check is not None else {}),
        },
    )


def _outside(backend: ExternalBackend, system_roots: str) -> Upstream:
    # Over TLS, ALPN says whether the host speaks HTTP/2; in the clear only HTTP/1.1 can be assumed.
    socket = _outside_tls(backend, system_roots) if backend.tls else None
    speech = Speech.NEGOTIATED if backend.tls else Speech.HTTP1
    return Upstream(speech=speech, idle_timeout=_EXTERNAL_IDLE_TIMEOUT, transport_socket=socket)


def _outside_tls(backend: ExternalBackend, system_roots: str) -> JsonObject:
    host = backend.host
    # RFC 6066 section 3: an address is no server name.
    address = is_address(host)
    return upstream_tls(
        server_name=None if address else host,
        server=PeerValidation(file=system_roots, names=[ip_address(host) if address else dns_name(host)]),
        certificate=shown_name(backend.certificate) if backend.certificate is not None else None,
    )


def _limits(breaker: CircuitBreaker | None) -> Limits:
    if breaker is None:
        return Limits()
    return Limits(
        max_connections=breaker.max_connections,
        max_pending_requests=breaker.max_pending_requests,
        max_requests=breaker.max_requests,
        max_retries=breaker.max_retries,
    )
