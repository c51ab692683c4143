"""What Envoy is started with: who it is, where its control plane is, and its limits. Everything else comes by ADS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from tidegate.envoy.clusters import socket_address
from tidegate.envoy.convert import check_bootstrap
from tidegate.envoy.resources import JsonObject

IDENTITY_CLUSTER: Final = "tidegate-identity"
_ADS_CLUSTER: Final = "tidegate-control"

_MAX_CONNECTIONS: Final = 20_000

INTERNAL_LISTENERS: Final[list[JsonObject]] = [
    {
        "name": "envoy.bootstrap.internal_listener",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener"
        },
    }
]

# Envoy refuses patterns of more than 100 RE2 instructions unless told otherwise (`/a{1,100}` has 204), and with one
# pattern the whole update. `manifests.re2` bounds them far below this, at their own place.
_RUNTIME: Final[JsonObject] = {"re2.max_program_size.error_level": 20_000}

# Envoy makes hundreds of series for each cluster, virtual host and listener; these are the ones that somebody reads.
# Five of a backend, so that their number stays near that of the Services. One expression, since each name is compared
# with every pattern, also the names of the thousands that are turned away while clusters and routes are made.
_STATS: Final = "|".join(
    (
        r"cluster\.[^.]+\.(upstream_rq_(total|5xx)|upstream_cx_connect_fail|membership_(healthy|total))",
        r"cluster_manager\.(active_clusters|warming_clusters)",
        r"control_plane\.connected_state",
        r"http\.gateway\.(downstream_rq_(total|active|[1-5]xx)|downstream_cx_(total|active))",
        r"listener_manager\.(total_listeners_(active|draining|warming)|listener_(create_failure|in_place_updated))",
        r"(tcp|udp)\.gateway\.downstream_(cx|sess)_(total|active)",
        r"server\.(live|state|uptime|concurrency|memory_allocated|hot_restart_epoch|initialization_time_ms)",
        r"runtime\.(deprecated_feature_use|load_error)",
    )
)


@dataclass(frozen=True, slots=True)
class AdminSocket:
    """Envoy's admin interface on a Unix socket: only who may enter its directory can reach it."""

    path: str


@dataclass(frozen=True, slots=True)
class AdminPort:
    """Envoy's admin interface on a port; `address` should be a loopback one, since it asks for no password."""

    address: str
    port: int


Admin: TypeAlias = AdminSocket | AdminPort


def bootstrap(
    node_id: str,
    ads_socket: str,
    admin: Admin,
    *,
    cluster: str = "tidegate",
    max_connections: int = _MAX_CONNECTIONS,
    state_socket: str = "",
    identity_socket: str = "",
) -> JsonObject:
    """The bootstrap as JSON-ready dict. `ads_socket` is the path of the control plane's Unix socket; `state_socket` is
    the state process's, where limits are shared with other machines, and `identity_socket` the token service's, where
    policies get tokens of the gateway's own identity."""
    result: JsonObject = {
        "node": {"id": node_id, "cluster": cluster},
        "admin": _admin(admin),
        "dynamic_resources": {
            "ads_config": {
                "api_type": "DELTA_GRPC",
                "transport_api_version": "V3",
                "set_node_on_first_message_only": True,
                "grpc_services": [
                    {
                        "envoy_grpc": {
                            "cluster_name": _ADS_CLUSTER,
                            # A restarted control plane is found again at once.
                            "retry_policy": {"retry_back_off": {"base_interval": "0.05s", "max_interval": "0.5s"}},
                        }
                    }
                ],
            },
            "cds_config": {"ads": {}, "resource_api_version": "V3"},
            "lds_config": {"ads": {}, "resource_api_version": "V3"},
        },
        "static_resources": {
            "clusters": [
                _control_plane(ads_socket),
                *([state_cluster(state_socket)] if state_socket else []),
                *([_token_service(identity_socket)] if identity_socket else []),
            ]
        },
        # Egress is two listeners that have no socket (egress.py).
        "bootstrap_extensions": INTERNAL_LISTENERS,
        "stats_config": {"stats_matcher": {"inclusion_list": {"patterns": [{"safe_regex": {"regex": _STATS}}]}}},
        # A cluster that nobody has used yet has no series of requests.
        "deferred_stat_options": {"enable_deferred_creation_stats": True},
        # An explicit layer: without one Envoy warns about a runtime that is not layered.
        "layered_runtime": {
            "layers": [{"name": "static", "static_layer": _RUNTIME}, {"name": "admin", "admin_layer": {}}]
        },
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3"
                        ".DownstreamConnectionsConfig",
                        "max_active_downstream_connections": max_connections,
                    },
                }
            ]
        },
    }
    check_bootstrap(result)
    return result


def _admin(admin: Admin) -> JsonObject:
    match admin:
        case AdminSocket(path):
            address: JsonObject = {"pipe": {"path": path, "mode": 0o600}}
        case AdminPort(host, port):
            address = socket_address(host, port)
    return {"address": address, "ignore_global_conn_limit": True}


def _token_service(socket: str) -> JsonObject:
    return {
        "name": IDENTITY_CLUSTER,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": IDENTITY_CLUSTER,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"pipe": {"path": socket}}}}]}],
        },
    }


def _control_plane(ads_socket: str) -> JsonObject:
    return {
        "name": _ADS_CLUSTER,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": _ADS_CLUSTER,
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"pipe": {"path": ads_socket}}}}]}],
        },
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {
                    # A control plane that hangs without closing is noticed within seconds.
                    "http2_protocol_options": {"connection_keepalive": {"interval": "10s", "timeout": "5s"}}
                },
            }
        },
    }


def state_cluster(socket: str) -> JsonObject:
    """Where policies ask whether a call that is near its limit may pass (policies/lua/sharing.lua)."""
    return {
        "name": "tidegate-state",
        "type": "STATIC",
        "connect_timeout": "0.5s",
        "load_assignment": {
            "cluster_name": "tidegate-state",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"pipe": {"path": socket}}}}]}],
        },
    }
