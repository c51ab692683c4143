"""Clusters: where requests and connections end. One per Service port, one per host outside."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from tidegate.envoy.http_filters import upstream_http_filters
from tidegate.envoy.resources import ADS, JsonObject

CONNECT_TIMEOUT: Final = "5s"

# Envoy's own defaults (1024) are below what one machine serves; no limit at all would let one dead backend hold every
# descriptor.
_MAX_CONNECTIONS: Final = 8192
_MAX_PENDING_REQUESTS: Final = 8192
_MAX_REQUESTS: Final = 16384
_RETRY_BUDGET: Final[JsonObject] = {"budget_percent": {"value": 20}, "min_retry_concurrency": 3}
_UINT32: Final = (1 << 32) - 1

_BUFFER_LIMIT_BYTES: Final = 1 << 20

# One stream may fill the buffer that it has here; a connection, several of them.
_HTTP2: Final[JsonObject] = {
    "http2_protocol_options": {"initial_stream_window_size": 1 << 20, "initial_connection_window_size": 8 << 20}
}
_HTTP1: Final[JsonObject] = {"http_protocol_options": {}}

_HTTP_OPTIONS: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


class Speech(StrEnum):
    """What is spoken over a cluster's connections."""

    HTTP1 = "HTTP/1.1"
    HTTP2 = "HTTP/2"
    NEGOTIATED = "by ALPN"
    BYTES = "bytes"
    """Whatever the client sends: no HTTP is looked for."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one Envoy towards one cluster; None leaves the gateway's own."""

    max_connections: int | None = None
    max_pending_requests: int | None = None
    max_requests: int | None = None
    max_retries: int | None = None

    def to_json(self) -> JsonObject:
        """The circuit breaker of every priority there is: we use one."""
        retries = {"retry_budget": _RETRY_BUDGET} if self.max_retries is None else {"max_retries": self.max_retries}
        bounds = {
            "max_connections": _MAX_CONNECTIONS if self.max_connections is None else self.max_connections,
            "max_pending_requests": (
                _MAX_PENDING_REQUESTS if self.max_pending_requests is None else self.max_pending_requests
            ),
            "max_requests": _MAX_REQUESTS if self.max_requests is None else self.max_requests,
            **retries,
        }
        return {
            "thresholds": [
                {key: min(value, _UINT32) if isinstance(value, int) else value for key, value in bounds.items()}
            ]
        }


@dataclass(frozen=True, slots=True)
class Upstream:
    """How a cluster's endpoints are spoken to."""

    speech: Speech
    idle_timeout: str
    """After which an unused HTTP connection is closed."""
    connection_age: str | None = None
    """After which an HTTP connection gets no more requests; None: however old it is."""
    proof_secret: str | None = None
    """The secret by which the gateway proves itself on every request; None: it does not."""
    limits: Limits = Limits()
    transport_socket: JsonObject | None = None
    """None: in the clear."""
    other_sockets: JsonObject = field(default_factory=dict)
    """By name: sockets that only those use who ask for them, such as probes."""
    more: JsonObject = field(default_factory=dict)
    """Load balancing and health checks, as their modules make them."""

    def to_json(self) -> JsonObject:
        """The part of a cluster that does not say where its endpoints are."""
        sockets = [
            {"name": name, "match": {name: True}, "transport_socket": socket}
            for name, socket in self.other_sockets.items()
        ]
        return {
            **({"transport_socket": self.transport_socket} if self.transport_socket is not None else {}),
            **({"transport_socket_matches": sockets} if sockets else {}),
            "connect_timeout": CONNECT_TIMEOUT,
            "per_connection_buffer_limit_bytes": _BUFFER_LIMIT_BYTES,
            "circuit_breakers": self.limits.to_json(),
            **self.more,
            **(self._http() if self.speech is not Speech.BYTES else {}),
        }

    def _http(self) -> JsonObject:
        return {
            "typed_extension_protocol_options": {
                _HTTP_OPTIONS: {
                    "@type": f"type.googleapis.com/{_HTTP_OPTIONS}",
                    "common_http_protocol_options": {
                        "idle_timeout": self.idle_timeout,
                        **({"max_connection_duration": self.connection_age} if self.connection_age else {}),
                    },
                    **_protocol(self.speech),
                    "http_filters": upstream_http_filters(proof_secret=self.proof_secret),
                }
            }
        }


def eds_cluster(name: str, upstream: Upstream) -> JsonObject:
    """A cluster whose endpoints come by EDS, under its own name."""
    return {
        "name": name,
        **_statistics(name),
        "type": "EDS",
        "eds_cluster_config": {"eds_config": ADS, "service_name": name},
        **upstream.to_json(),
    }


def host_cluster(name: str, upstream: Upstream, *, host: str, port: int) -> JsonObject:
    """A cluster of one host, which DNS finds unless it is an address."""
    return {
        "name": name,
        **_statistics(name),
        **({"type": "STATIC"} if is_address(host) else {"cluster_type": _dns()}),
        "load_assignment": load_assignment(name, [(host, port)]),
        **upstream.to_json(),
    }


def load_assignment(name: str, endpoints: Sequence[tuple[str, int]], *, probe_port: int | None = None) -> JsonObject:
    """The endpoints of a cluster. None at all is valid: requests answer 503. `probe_port`: where health is asked for,
    if not where requests go."""
    probe = {"health_check_config": {"port_value": probe_port}} if probe_port is not None else {}
    lb_endpoints = [{"endpoint": {"address": socket_address(address, port), **probe}} for address, port in endpoints]
    return {"cluster_name": name, "endpoints": [{"lb_endpoints": lb_endpoints}] if lb_endpoints else []}


def socket_address(address: str, port: int, *, udp: bool = False) -> JsonObject:
    """An address in Envoy's words."""
    return {"socket_address": {**({"protocol": "UDP"} if udp else {}), "address": address, "port_value": port}}


def is_address(host: str) -> bool:
    """Whether a host is an IP address and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _statistics(name: str) -> JsonObject:
    """Without dots, which separate the words of a series' name: bootstrap tells by them which series are kept."""
    return {"alt_stat_name": name.replace(".", "_")} if "." in name else {}


def _protocol(speech: Speech) -> JsonObject:
    if speech is Speech.NEGOTIATED:
        return {"auto_config": {**_HTTP1, **_HTTP2}}
    return {"explicit_http_config": _HTTP2 if speech is Speech.HTTP2 else _HTTP1}


def _dns() -> JsonObject:
    """All addresses of the host as one endpoint, tried in order: what is right for a service behind a balancer of its
    own, whose addresses change while connections to the old ones are still good."""
    return {
        "name": "envoy.clusters.dns",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster",
            "dns_lookup_family": "ALL",
            "dns_refresh_rate": "30s",
            "respect_dns_ttl": True,
            "all_addresses_in_single_endpoint": True,
        },
    }
