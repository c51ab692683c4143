"""Listeners: one per address and port."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tidegate.envoy.clusters import socket_address
from tidegate.envoy.resources import ADS, JsonObject

_BUFFER_LIMIT_BYTES: Final = 1 << 20

# As nginx and Apache: a handshake that is not finished after this long will not be.
_HANDSHAKE_TIMEOUT: Final = "15s"


def listener(name: str, *, address: str, port: int, filter_chains: list[JsonObject], inspect_tls: bool) -> JsonObject:
    """A socket and what is served on it."""
    return {
        "name": name,
        "address": socket_address(address, port),
        **({"listener_filters": [_tls_inspector()]} if inspect_tls else {}),
        "filter_chains": filter_chains,
        "per_connection_buffer_limit_bytes": _BUFFER_LIMIT_BYTES,
    }


def plain_filter_chain(connection_manager: JsonObject, *, beside_tls: bool) -> JsonObject:
    """HTTP in the clear; `beside_tls` if the same port also speaks TLS."""
    return {
        "name": "http",
        **({"filter_chain_match": {"transport_protocol": "raw_buffer"}} if beside_tls else {}),
        "filters": [connection_manager],
    }


def tls_filter_chain(
    hostname: str | None, connection_manager: JsonObject, *, certificates: Sequence[str]
) -> JsonObject:
    """HTTPS for one hostname (SNI); None for clients that name no other one. `certificates` are names of secrets."""
    return {
        "name": f"https/{hostname or '*'}",
        "filter_chain_match": {
            "transport_protocol": "tls",
            **({"server_names": [hostname]} if hostname else {}),
        },
        "filters": [connection_manager],
        "transport_socket": {
            "name": "envoy.transport_sockets.tls",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                "common_tls_context": {
                    "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                    "alpn_protocols": ["h2", "http/1.1"],
                    "tls_certificate_sds_secret_configs": [
                        {"name": certificate, "sds_config": ADS} for certificate in certificates
                    ],
                },
            },
        },
        "transport_socket_connect_timeout": _HANDSHAKE_TIMEOUT,
    }


def _tls_inspector() -> JsonObject:
    return {
        "name": "envoy.filters.listener.tls_inspector",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"
        },
    }
