"""Proxies of streams; tests/compilers/test_streams.py shows what they do."""

from __future__ import annotations

import pytest

from tidegate.envoy import NO_BACKEND
from tidegate.envoy.streams import Weights, tcp_proxy, udp_proxy


@pytest.mark.parametrize("weights", [(), (("a", 0),), ((None, 5),)])
def test_what_resolves_nowhere_goes_to_the_cluster_that_never_exists(weights: Weights) -> None:
    """Envoy closes the connection."""
    assert tcp_proxy("s", weights, access_log=[])["typed_config"]["cluster"] == NO_BACKEND


def test_weights_of_nothing_take_no_part() -> None:
    """Envoy refuses a weight of 0."""
    config = tcp_proxy("s", [("a", 1), ("b", 0), ("c", 2)], access_log=[])["typed_config"]
    assert config["weighted_clusters"]["clusters"] == [{"name": "a", "weight": 1}, {"name": "c", "weight": 2}]


def test_shares_of_datagrams_add_up() -> None:
    """Each is a bound on the hash; the last takes what is left."""
    matcher = udp_proxy([("a", 1), ("b", 1), ("c", 2)], access_log=[])["typed_config"]["matcher"]
    bounds = [
        one["predicate"]["single_predicate"]["custom_match"]["typed_config"]["runtime_fraction"]["default_value"]
        for one in matcher["matcher_list"]["matchers"]
    ]
    assert [bound["numerator"] for bound in bounds] == [250_000, 500_000]
    assert matcher["on_no_match"]["action"]["typed_config"]["cluster"] == "c"
