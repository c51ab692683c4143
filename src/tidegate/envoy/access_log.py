"""One line a request, as JSON on Envoy's standard output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tidegate.envoy.resources import JsonObject

# Where the path is kept as the client sent it, before a route rewrites it. x-envoy-original-path would keep it too, and
# tell backends.
_PATH_KEY: Final = "tidegate.path"
_PATH: Final = (
    '%COALESCE({"operators": [{"command": "FILTER_STATE", "param": "' + _PATH_KEY + ':PLAIN"},'
    # A request that was refused before any filter saw it.
    ' {"command": "PATH", "param": "NQ:ORIG_OR_PATH"}]})%'
)

_FIELDS: Final = {
    "event": "gateway.request.served",
    "time": "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
    "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "method": "%REQ(:METHOD)%",
    "host": "%REQ(:AUTHORITY)%",
    # Never the query: tokens, keys and signatures travel there.
    "path": _PATH,
    "protocol": "%PROTOCOL%",
    "status": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "flags": "%RESPONSE_FLAGS%",
    "route": "%ROUTE_NAME%",
    "backend": "%UPSTREAM_CLUSTER_RAW%",
    "endpoint": "%UPSTREAM_HOST%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "request_bytes": "%BYTES_RECEIVED%",
    "response_bytes": "%BYTES_SENT%",
    "duration_ms": "%DURATION%",
    "request_id": "%REQ(X-REQUEST-ID)%",
}


_STREAM_FIELDS: Final = {
    "event": "gateway.connection.served",
    "time": "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
    "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
    "server_name": "%REQUESTED_SERVER_NAME%",
    "flags": "%RESPONSE_FLAGS%",
    "backend": "%UPSTREAM_CLUSTER_RAW%",
    "endpoint": "%UPSTREAM_HOST%",
    "request_bytes": "%BYTES_RECEIVED%",
    "response_bytes": "%BYTES_SENT%",
    "duration_ms": "%DURATION%",
}


def access_log() -> list[JsonObject]:
    """For the HTTP connection manager."""
    return _to_stdout(_FIELDS)


def path_filter() -> JsonObject:
    """The HTTP filter that keeps the path for the log; first of the chain, and only where requests are logged."""
    return {
        "name": "envoy.filters.http.set_filter_state",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.set_filter_state.v3.Config",
            "on_request_headers": [
                {
                    "object_key": _PATH_KEY,
                    "factory_key": "envoy.string",
                    "format_string": {"text_format_source": {"inline_string": "%PATH(NQ:PATH)%"}},
                }
            ],
        },
    }


def stream_access_log() -> list[JsonObject]:
    """For what is forwarded without looking inside: a line when a connection, or a session of datagrams, has ended."""
    return _to_stdout(_STREAM_FIELDS)


def _to_stdout(fields: Mapping[str, str]) -> list[JsonObject]:
    return [
        {
            "name": "envoy.access_loggers.stdout",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
                "log_format": {"json_format": dict(fields)},
            },
        }
    ]
