"""What fails while something changes, in small, by real processes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from benchmarks import continuity

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is the distribution's"),
]


def test_nothing_fails_under_traffic(tmp_path: Path) -> None:
    """Additions, edits, rotations, a killed control plane: each is counted, each with its traffic."""
    results = continuity.measure(tmp_path, routes=25, say=lambda _: None)
    assert [one.traffic.failed for one in results] == [0, 0, 0, 0], [one.traffic.examples for one in results]
    assert all(one.traffic.requests > 50 for one in results)
