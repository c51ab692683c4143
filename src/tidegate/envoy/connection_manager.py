"""The HTTP connection manager: how requests are read, cleaned and routed. The same for every listener."""

from __future__ import annotations

from typing import Final

from tidegate.envoy.access_log import access_log
from tidegate.envoy.http_filters import http_filters
from tidegate.envoy.local_replies import local_reply_config
from tidegate.envoy.resources import ADS, JsonObject

# Only the gateway says these. Backends may read a header with `_` or `.` as if it had `-`: every spelling goes, of
# x-forwarded-* every one but that which Envoy itself rewrites. Envoy has names in lower case, and the pattern begins
# with a literal: most headers cost one comparison.
_OURS_ONLY: Final = (
    r"x([-_.](envoy[-_.].*|gateway[-_.](authorization|headers))"
    r"|[_.]forwarded[-_.].*|-forwarded([_.].*|-client[_.]cert))"
)


def connection_manager(*, routes: str, runtime: str, log_requests: bool, verified_clients: bool = False) -> JsonObject:
    """The network filter that serves HTTP with the route configuration named `routes`.

    `verified_clients`: every connection comes with a client certificate that was verified; backends are told whose.
    """
    return {
        "name": "envoy.filters.network.http_connection_manager",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
            ".HttpConnectionManager",
            "stat_prefix": "gateway",
            "rds": {"route_config_name": routes, "config_source": ADS},
            "http_filters": http_filters(runtime=runtime, log_requests=log_requests),
            "local_reply_config": local_reply_config(),
            **({"access_log": access_log()} if log_requests else {}),
            **_client(),
            **_client_certificate(verified_clients=verified_clients),
            **_path(),
            **_limits(),
        },
    }


def _client() -> JsonObject:
    """Who the client is, and what it may not say."""
    return {
        # The peer of the connection is the client: no hop in front of the gateway is trusted to name another.
        "use_remote_address": True,
        "xff_num_trusted_hops": 0,
        "generate_request_id": True,
        "early_header_mutation_extensions": [
            {
                "name": "envoy.http.early_header_mutation.header_mutation",
                "typed_config": {
                    "@type": "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3"
                    ".HeaderMutation",
                    "mutations": [{"remove_on_match": {"key_matcher": {"safe_regex": {"regex": _OURS_ONLY}}}}],
                },
            }
        ],
        # The backend's own Server header, or none.
        "server_header_transformation": "PASS_THROUGH",
        # RFC 6455. The handshake is a request like any other: policies see it.
        "upgrade_configs": [{"upgrade_type": "websocket"}],
    }


def _client_certificate(*, verified_clients: bool) -> JsonObject:
    """X-Forwarded-Client-Cert: what a client sends of it never passes; only a verified certificate is told of."""
    if not verified_clients:
        return {"forward_client_cert_details": "SANITIZE"}
    return {
        "forward_client_cert_details": "SANITIZE_SET",
        "set_current_client_cert_details": {"subject": True, "uri": True, "dns": True, "cert": True},
    }


def _path() -> JsonObject:
    """One spelling of a path, so that what a rule matches is what the backend reads."""
    return {
        "normalize_path": True,
        "merge_slashes": True,
        # `%2F` and `%5C`: backends disagree whether they separate path elements, and a rule could be walked around.
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "strip_trailing_host_dot": True,
    }


def _limits() -> JsonObject:
    return {
        "request_headers_timeout": "10s",
        "stream_idle_timeout": "300s",
        "max_request_headers_kb": 60,
        "common_http_protocol_options": {"idle_timeout": "300s", "max_headers_count": 100},
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 65_536,
            "initial_connection_window_size": 1_048_576,
        },
    }
