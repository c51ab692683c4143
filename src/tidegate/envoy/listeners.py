"""Listeners: one per address and port, with one filter chain for each kind of connection that it tells apart.

Envoy replaces a listener in place where only its filter chains differ, and drains the connections of those chains alone
that are gone or changed. So everything that depends on what is served stands inside a chain.
"""

from __future__ import annotations

from typing import Final

from tidegate.envoy.clusters import socket_address
from tidegate.envoy.resources import JsonObject

_BUFFER_LIMIT_BYTES: Final = 1 << 20

# As nginx and Apache: a handshake that is not finished after this long will not be.
_HANDSHAKE_TIMEOUT: Final = "15s"

EVERY_NAME: Final = "*"


def listener(name: str, *, address: str, port: int, filter_chains: list[JsonObject], inspect_tls: bool) -> JsonObject:
    """A socket and what is served on it. `inspect_tls`: wait for the client's first bytes, to choose by them."""
    return {
        "name": name,
        "address": socket_address(address, port),
        **({"listener_filters": [_tls_inspector()]} if inspect_tls else {}),
        "filter_chains": filter_chains,
        "per_connection_buffer_limit_bytes": _BUFFER_LIMIT_BYTES,
    }


def udp_listener(name: str, *, address: str, port: int, proxy: JsonObject) -> JsonObject:
    """A socket for datagrams."""
    return {
        "name": name,
        "address": socket_address(address, port, udp=True),
        "udp_listener_config": {"downstream_socket_config": {"max_rx_datagram_size": 9000}},
        "listener_filters": [proxy],
    }


def plain_filter_chain(name: str, network_filter: JsonObject, *, beside_tls: bool) -> JsonObject:
    """What is spoken in the clear; `beside_tls` if the same port also speaks TLS."""
    return {
        "name": name,
        **({"filter_chain_match": {"transport_protocol": "raw_buffer"}} if beside_tls else {}),
        "filters": [network_filter],
    }


def tls_filter_chain(
    name: str, server_name: str, network_filter: JsonObject, *, transport_socket: JsonObject | None
) -> JsonObject:
    """TLS for one server name (SNI), `*.example.com` for all below; EVERY_NAME for clients that say no other one.

    `transport_socket` None: it is not terminated here.
    """
    return {
        "name": name,
        "filter_chain_match": {
            "transport_protocol": "tls",
            **({"server_names": [server_name]} if server_name != EVERY_NAME else {}),
        },
        "filters": [network_filter],
        **(
            {"transport_socket": transport_socket, "transport_socket_connect_timeout": _HANDSHAKE_TIMEOUT}
            if transport_socket is not None
            else {}
        ),
    }


def _tls_inspector() -> JsonObject:
    return {
        "name": "envoy.filters.listener.tls_inspector",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"
        },
    }
