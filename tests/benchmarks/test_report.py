"""docs/benchmarks.md: ratios from rounds, and a page that says what they mean."""

from __future__ import annotations

import pytest

from benchmarks.load import Load, Sample
from benchmarks.report import BARE, BROWSER, IDLE, OPEN, PEER, TASK, Latencies, Ratio, Results, ratio, render


def sample(per_core: float) -> Sample:
    """A sample with this many requests per second of processor time."""
    return Sample(round(per_core), per_core, 1.0, 1.0, 2.0)


ROUNDS = {
    BARE: [sample(1000), sample(500), sample(1000)],
    OPEN: [sample(950), sample(475), sample(950)],
    IDLE: [sample(900), sample(450), sample(900)],
    BROWSER: [sample(600), sample(300), sample(600)],
    TASK: [sample(800), sample(400), sample(700)],
    PEER: [sample(700), sample(350), sample(700)],
}


def test_a_ratio_compares_within_a_round() -> None:
    """A round in which the whole machine was slow does not change the ratio."""
    assert ratio(ROUNDS, TASK, BARE) == Ratio(0.8, 0.7, 0.8)


@pytest.mark.parametrize(("percent", "value"), [(50, 2.0), (99, 4.0), (100, 4.0), (0, 1.0), (75, 3.0)])
def test_a_percentile_is_a_measured_value(percent: float, value: float) -> None:
    """Nearest rank: no value is invented between two."""
    assert Latencies((4.0, 1.0, 3.0, 2.0)).percentile(percent) == value


def test_the_page_gives_ratios_with_their_range_and_the_machine() -> None:
    """Expected beside measured; the machine is described."""
    latencies = Latencies((1500.0, 1700.0))
    page = render(Results({"processor": "a test"}, Load(4, 32), ROUNDS, 3, latencies, latencies, Latencies((42.0,))))
    assert "| at least 0.75 | **0.80** (0.70 to 0.80) |" in page
    assert "| 1.50 s (worst of 2: 1.70 s) |" in page
    assert "p50 42 ms, p99 42 ms" in page
    assert "- processor: a test" in page
