"""Active health checks. Envoy makes these requests itself: no route, no policy and no proof has a part in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tidegate.envoy.durations import seconds
from tidegate.envoy.resources import JsonObject

USER_AGENT: Final = "Microsoft-Azure-Application-LB/AGC"
"""What backends see probes come from with Application Gateway for Containers; firewalls and logs know it."""

PROBE_SOCKET: Final = "probe"
"""The transport socket that probes choose where it is not the one of requests."""

FIRST: Final = "/first"
"""Ends the version of a cluster that was delivered without its probes."""

# How much of an answer is searched for the text that it must contain.
_BODY_BYTES: Final = 64 << 10


def http_check(
    *, host: str, path: str, statuses: Sequence[tuple[int, int]], body: str | None, http2: bool
) -> JsonObject:
    """GET; healthy are `statuses` (both ends included) whose body contains `body`."""
    return {
        "http_health_check": {
            "host": host,
            "path": path,
            "expected_statuses": [{"start": first, "end": last + 1} for first, last in statuses],
            "request_headers_to_add": [
                {
                    "header": {"key": "user-agent", "value": USER_AGENT},
                    "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
                }
            ],
            "codec_client_type": "HTTP2" if http2 else "HTTP1",
            **(
                {"receive": [{"text": body.encode().hex()}], "response_buffer_size": _BODY_BYTES}
                if body is not None
                else {}
            ),
        },
    }


def grpc_check(*, service: str, authority: str) -> JsonObject:
    """grpc.health.v1.Health/Check answers SERVING."""
    return {"grpc_health_check": {"service_name": service, "authority": authority}}


def tcp_check() -> JsonObject:
    """A connection is accepted."""
    return {"tcp_health_check": {}}


def health_checked(
    check: JsonObject,
    *,
    interval_s: float,
    timeout_s: float,
    healthy_threshold: int,
    unhealthy_threshold: int,
    own_socket: bool,
) -> JsonObject:
    """What a cluster says whose endpoints are probed. `own_socket`: by PROBE_SOCKET, and not as requests go."""
    return {
        "health_checks": [
            {
                **check,
                "interval": seconds(interval_s),
                "timeout": seconds(timeout_s),
                "healthy_threshold": healthy_threshold,
                "unhealthy_threshold": unhealthy_threshold,
                # Envoy would probe a cluster without traffic once a minute: the first request would find old news.
                "no_traffic_interval": seconds(interval_s),
                # A probe tells whether the endpoint still takes connections; and servers close idle ones.
                "reuse_connection": False,
                **({"transport_socket_match_criteria": {PROBE_SOCKET: True}} if own_socket else {}),
            }
        ],
        # An endpoint that was withdrawn gets nothing more, however well it answers: its address may be another's.
        "ignore_health_on_host_removal": True,
        # Where every endpoint fails, requests answer 503 at once. Envoy's default sends them to failing endpoints.
        # And what a probe found counts at once: by default Envoy gathers findings for a second.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}, "update_merge_window": "0s"},
    }


def without_probes(cluster: JsonObject) -> JsonObject | None:
    """The cluster as an Envoy gets it that does not have it yet; None: as it is, since nothing in it is probed.

    Envoy takes a new cluster into service when every endpoint has been probed once, and a request for it fails until
    then. An updated one it warms up beside the one that serves.
    """
    if "health_checks" not in cluster:
        return None
    return {key: value for key, value in cluster.items() if key != "health_checks"}


def are_exchanged(before: JsonObject, after: JsonObject) -> bool:
    """Whether a load assignment has endpoints, as the one before had, and not one of them is the same."""
    old, new = _addresses(before), _addresses(after)
    return bool(old and new and old.isdisjoint(new))


def _addresses(assignment: JsonObject) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for group in assignment.get("endpoints", ()):
        for endpoint in group["lb_endpoints"]:
            address = endpoint["endpoint"]["address"]["socket_address"]
            found.add((address["address"], address["port_value"]))
    return found
