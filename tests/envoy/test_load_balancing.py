"""Load balancing; tests/compilers/test_load_balancing.py shows what it does."""

from __future__ import annotations

import pytest

from tidegate.envoy.convert import to_any
from tidegate.envoy.load_balancing import by_reported_load, least_request, ring_hash, round_robin, slow_start
from tidegate.envoy.resources import CLUSTER, JsonObject

SLOW = slow_start(window_s=1.5, aggression=2, start_percent=5)


@pytest.mark.parametrize(
    "policy",
    [
        round_robin(SLOW),
        least_request({}),
        ring_hash(),
        by_reported_load(SLOW, blackout_s=0, expiration_s=1, error_penalty=1, metrics=["named_metrics.queue"]),
    ],
)
def test_every_policy_is_protobuf(policy: JsonObject) -> None:
    """No field is misspelt."""
    assert to_any(CLUSTER, {"name": "c", **policy}).value


def test_a_ring_is_bounded() -> None:
    """What one cluster costs does not grow with its endpoints."""
    (policy,) = ring_hash()["load_balancing_policy"]["policies"]
    assert policy["typed_extension_config"]["typed_config"]["maximum_ring_size"] == 1 << 16
