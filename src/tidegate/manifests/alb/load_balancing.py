"""BackendLoadBalancingPolicy: how a port's endpoints are chosen, and how much they may be asked at once."""

from __future__ import annotations

from tidegate.manifests.objects import Object
from tidegate.manifests.schema.alb import BackendLoadBalancingPolicy, CircuitBreakerConfig, LoadBalancingConfig
from tidegate.model import CircuitBreaker, LoadAware, LoadBalancing, LoadBalancingStrategy, SlowStart


def balancing_of(policy: Object[BackendLoadBalancingPolicy]) -> LoadBalancing | None:
    """The policy's strategy; None where it has no `loadBalancing`."""
    config = policy.body.spec.load_balancing
    if config is None:
        return None
    return LoadBalancing(LoadBalancingStrategy(config.strategy), slow_start(config), _load_aware(config))


def slow_start(config: LoadBalancingConfig) -> SlowStart | None:
    """A window of 0 s, which the documentation's own sample has, is none."""
    slow = config.slow_start
    if slow is None or slow.window == 0:
        return None
    return SlowStart(slow.window, float(slow.aggression), float(slow.start_weight_percent))


def _load_aware(config: LoadBalancingConfig) -> LoadAware | None:
    if config.strategy != "load-aware":
        return None
    aware = config.load_aware
    if aware is None:
        return LoadAware()
    return LoadAware(
        aware.blackout_period,
        aware.metric_expiration_period,
        float(aware.error_utilization_penalty),
        aware.named_metrics,
    )


def breaker_of(config: CircuitBreakerConfig | None) -> CircuitBreaker | None:
    """The limits as they are given; what is left out has the CRD's default, which is as good as no limit."""
    if config is None:
        return None
    return CircuitBreaker(config.max_connections, config.max_requests, config.max_pending_requests, config.max_retries)


def not_affine(config: LoadBalancingConfig) -> str:
    """Why sessions cannot stick under this strategy; "" when they can (the product's table of compatibility)."""
    if config.strategy != "ring-hash":
        return f"by {config.strategy}; it needs ring-hash"
    return "with slow start; it needs ring-hash without" if slow_start(config) is not None else ""
