"""Plain requests by every gateway, as short as they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.load import Load
from benchmarks.machine import missing
from benchmarks.plain import BY_HAND, TIDEGATE, measure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.e2e
@pytest.mark.skipif(bool(missing()), reason="wrk and HAProxy are the distribution's")
def test_every_gateway_answers(tmp_path: Path) -> None:
    """A sample for each round and each gateway that is installed; one that is not is named."""
    said: list[str] = []
    rounds = measure(tmp_path, load=Load(seconds=1, connections=4), rounds=1, say=said.append)
    assert {TIDEGATE, BY_HAND} <= set(rounds)
    assert all(len(samples) == 1 and samples[0].requests > 0 for samples in rounds.values())
    assert len(said) == 4
