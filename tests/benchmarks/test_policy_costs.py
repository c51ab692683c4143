"""Costs over the empty pipeline, and what stands beside them by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.load import Sample
from benchmarks.policy_cases import EMPTY, Case
from benchmarks.policy_costs import results, write_by_hand
from real_envoy import refusal


def sample(us: float) -> Sample:
    """A run whose requests took so many microseconds of processor time each."""
    return Sample(requests=1000, requests_per_s=1.0, cpu_s=us / 1000, p50_ms=1.0, p99_ms=1.0)


def test_a_cost_is_over_the_empty_pipeline_of_the_same_round() -> None:
    """So that what else the machine does in a round meets both."""
    case, both = Case("a"), Case("b", by_hand="x")
    ours = {
        "empty": [sample(10), sample(30), sample(20)],
        "a": [sample(12), sample(35), sample(23)],
        "b": [sample(20), sample(20), sample(40)],
    }
    found = results([EMPTY, case, both], ours, {"b": [sample(10), sample(20), sample(10)]})
    assert found.empty_us == pytest.approx(20)
    (cost,) = found.costs
    assert (cost.us, cost.lowest_us, cost.highest_us) == pytest.approx((3, 2, 5))
    (comparison,) = found.combinations
    assert (comparison.ratio, comparison.lowest, comparison.highest) == pytest.approx((0.5, 0.25, 1.0))


@pytest.mark.e2e
def test_envoy_takes_what_is_written_by_hand(tmp_path: Path) -> None:
    """A filter for each combination, by its path."""
    words = write_by_hand(tmp_path, port=19_999, backend_port=9)
    configuration = json.loads(Path(words[2]).read_text())
    assert refusal(configuration) == ""
