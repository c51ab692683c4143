"""How requests are spread over a cluster's endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tidegate.envoy.durations import seconds
from tidegate.envoy.resources import JsonObject

_POLICIES: Final = "type.googleapis.com/envoy.extensions.load_balancing_policies"

# By what a backend says of itself, each worker works its weights out anew this often.
_WEIGHTS_EVERY: Final = "1s"

# Points on the ring: with 1,024 at least, an endpoint of ten gets its tenth to within a few percent.
_LEAST_RING: Final = 1024
# An upper bound on what one cluster's ring costs: 65,536 points are about a megabyte.
_LARGEST_RING: Final = 65_536


def slow_start(*, window_s: float, aggression: float, start_percent: float) -> JsonObject:
    """An endpoint that is new or has recovered gets its full share only after the window."""
    return {
        "slow_start_config": {
            "slow_start_window": seconds(window_s),
            # Envoy wants a name under which the running value could be changed; nothing of ours changes it.
            "aggression": {"default_value": aggression, "runtime_key": "tidegate.slow_start.aggression"},
            "min_weight_percent": {"value": start_percent},
        }
    }


def round_robin(slow_start: JsonObject) -> JsonObject:
    """Each in turn. `slow_start` is what the function of that name makes, or empty."""
    return _policy("round_robin", "RoundRobin", slow_start)


def least_request(slow_start: JsonObject) -> JsonObject:
    """Of two at random, the one with fewer active requests."""
    return _policy("least_request", "LeastRequest", slow_start)


def ring_hash(*, by_client_address: bool = False) -> JsonObject:
    """By a hash of what the route chooses (a cookie), or of the client's address whatever the route says; most
    sessions stay where they are when endpoints change."""
    by_address = {"consistent_hashing_lb_config": {"hash_policy": [{"connection_properties": {"source_ip": True}}]}}
    return _policy(
        "ring_hash",
        "RingHash",
        {
            "minimum_ring_size": _LEAST_RING,
            "maximum_ring_size": _LARGEST_RING,
            **(by_address if by_client_address else {}),
        },
    )


def by_reported_load(
    slow_start: JsonObject,
    *,
    blackout_s: float,
    expiration_s: float,
    error_penalty: float,
    metrics: Sequence[str],
) -> JsonObject:
    """By weights from what endpoints report with their answers (ORCA, header `endpoint-load-metrics`).

    An endpoint's reports count once they have come for `blackout_s`, and no longer than `expiration_s`.
    `metrics` name what utilisation is read from where an endpoint reports no overall one.
    """
    return _policy(
        "client_side_weighted_round_robin",
        "ClientSideWeightedRoundRobin",
        {
            "blackout_period": seconds(blackout_s),
            "weight_expiration_period": seconds(expiration_s),
            "weight_update_period": _WEIGHTS_EVERY,
            "error_utilization_penalty": error_penalty,
            **({"metric_names_for_computing_utilization": list(metrics)} if metrics else {}),
            **slow_start,
        },
    )


def _policy(name: str, message: str, configuration: JsonObject) -> JsonObject:
    """For a cluster."""
    return {
        "load_balancing_policy": {
            "policies": [
                {
                    "typed_extension_config": {
                        "name": f"envoy.load_balancing_policies.{name}",
                        "typed_config": {"@type": f"{_POLICIES}.{name}.v3.{message}", **configuration},
                    }
                }
            ]
        }
    }
