"""Clusters: where requests end. One per Service port, one per host outside."""

from __future__ import annotations

import ipaddress
from typing import Final

from tidegate.envoy.http_filters import upstream_http_filters
from tidegate.envoy.resources import ADS, JsonObject

CONNECT_TIMEOUT: Final = "5s"

# uvicorn and Node close an idle connection after 5 s. Being the first to close leaves no request on a connection
# that the backend is just closing.
_SERVICE_IDLE_TIMEOUT: Final = "4s"
_EXTERNAL_IDLE_TIMEOUT: Final = "60s"

# Envoy's own defaults (1024) are below what one machine serves; no limit at all would let one dead backend hold every
# descriptor.
_CIRCUIT_BREAKERS: Final[JsonObject] = {
    "thresholds": [
        {
            "max_connections": 8192,
            "max_pending_requests": 8192,
            "max_requests": 16384,
            "retry_budget": {"budget_percent": {"value": 20}, "min_retry_concurrency": 3},
        }
    ]
}

# All addresses of the host count as one endpoint, tried in order: what is right for a service behind a balancer of its
# own, whose addresses change while connections to the old ones are still good.
_DNS: Final[JsonObject] = {
    "name": "envoy.clusters.dns",
    "typed_config": {
        "@type": "type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster",
        "dns_lookup_family": "ALL",
        "dns_refresh_rate": "30s",
        "respect_dns_ttl": True,
        "all_addresses_in_single_endpoint": True,
    },
}

_BUFFER_LIMIT_BYTES: Final = 1 << 20


def service_cluster(name: str, *, proof_secret: str) -> JsonObject:
    """A Service port: endpoints by EDS; the gateway proves itself with `proof_secret` on every request."""
    return {
        "name": name,
        "type": "EDS",
        "eds_cluster_config": {"eds_config": ADS, "service_name": name},
        **_common(
            protocol={"explicit_http_config": {"http_protocol_options": {}}},
            idle_timeout=_SERVICE_IDLE_TIMEOUT,
            http_filters=upstream_http_filters(proof_secret=proof_secret),
        ),
    }


def external_cluster(name: str, *, host: str, port: int, tls: bool, system_roots: str) -> JsonObject:
    """A host that no Service describes. It gets no proof: that is between the gateway and its own backends.

    `system_roots` is the file with the certificate authorities that the operating system trusts.
    """
    is_address = _is_address(host)
    # Over TLS, ALPN says whether the host speaks HTTP/2; in the clear only HTTP/1.1 can be assumed.
    protocol: JsonObject = (
        {"auto_config": {"http_protocol_options": {}, "http2_protocol_options": {}}}
        if tls
        else {"explicit_http_config": {"http_protocol_options": {}}}
    )
    return {
        "name": name,
        **({"type": "STATIC"} if is_address else {"cluster_type": _DNS}),
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": socket_address(host, port)}}]}],
        },
        **({"transport_socket": _tls(host, is_address=is_address, system_roots=system_roots)} if tls else {}),
        **_common(
            protocol=protocol,
            idle_timeout=_EXTERNAL_IDLE_TIMEOUT,
            http_filters=upstream_http_filters(proof_secret=None),
        ),
    }


def load_assignment(name: str, endpoints: list[tuple[str, int]]) -> JsonObject:
    """The endpoints of a Service port. None at all is valid: requests answer 503."""
    lb_endpoints = [{"endpoint": {"address": socket_address(address, port)}} for address, port in endpoints]
    return {"cluster_name": name, "endpoints": [{"lb_endpoints": lb_endpoints}] if lb_endpoints else []}


def socket_address(address: str, port: int) -> JsonObject:
    """An address in Envoy's words."""
    return {"socket_address": {"address": address, "port_value": port}}


def _common(*, protocol: JsonObject, idle_timeout: str, http_filters: list[JsonObject]) -> JsonObject:
    return {
        "connect_timeout": CONNECT_TIMEOUT,
        "per_connection_buffer_limit_bytes": _BUFFER_LIMIT_BYTES,
        "circuit_breakers": _CIRCUIT_BREAKERS,
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "common_http_protocol_options": {"idle_timeout": idle_timeout},
                **protocol,
                "http_filters": http_filters,
            }
        },
    }


def _tls(host: str, *, is_address: bool, system_roots: str) -> JsonObject:
    san = {"san_type": "IP_ADDRESS" if is_address else "DNS", "matcher": {"exact": host}}
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            # RFC 6066 section 3: an address is no server name.
            **({} if is_address else {"sni": host}),
            "common_tls_context": {
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                "validation_context": {
                    "trusted_ca": {"filename": system_roots},
                    "match_typed_subject_alt_names": [san],
                },
            },
        },
    }


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
