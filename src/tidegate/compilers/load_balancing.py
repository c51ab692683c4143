"""BackendLoadBalancingPolicy and what else chooses an endpoint."""

from __future__ import annotations

from tidegate.envoy import load_balancing as envoy
from tidegate.envoy.resources import JsonObject
from tidegate.model import LoadAware, LoadBalancing, LoadBalancingStrategy, SlowStart


def compile_load_balancing(policy: LoadBalancing | None) -> JsonObject:
    """A part of a cluster. None: Envoy's default, each endpoint in turn."""
    if policy is None:
        return {}
    match policy.strategy:
        case LoadBalancingStrategy.ROUND_ROBIN:
            return envoy.round_robin(_slow_start(policy.slow_start))
        case LoadBalancingStrategy.LEAST_REQUEST:
            return envoy.least_request(_slow_start(policy.slow_start))
        case LoadBalancingStrategy.RING_HASH:
            return envoy.ring_hash(by_client_address=policy.by_client_address)
        case LoadBalancingStrategy.LOAD_AWARE:
            aware = policy.load_aware or LoadAware()
            return envoy.by_reported_load(
                _slow_start(policy.slow_start),
                blackout_s=aware.blackout_period_s,
                expiration_s=aware.metric_expiration_s,
                error_penalty=aware.error_utilization_penalty,
                metrics=aware.named_metrics,
            )


def _slow_start(slow: SlowStart | None) -> JsonObject:
    if slow is None:
        return {}
    return envoy.slow_start(window_s=slow.window_s, aggression=slow.aggression, start_percent=slow.start_weight_percent)
