"""Edits at several sizes, as few as they can be, by real processes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from benchmarks import changes

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is the distribution's"),
]


def test_edits_are_timed_until_their_effect(tmp_path: Path) -> None:
    """One figure for each edit, for each size."""
    said: list[str] = []
    few, _ = changes.measure(tmp_path, edits=3, say=said.append, fleets=((5, True), (12, False)))
    assert (few.routes, few.by_host, len(few.edits.values_ms)) == (5, True, 3)
    assert all(value > 0 for value in few.edits.values_ms)
    assert len(said) == 2


def test_sizes() -> None:
    """The issue's: 10, 1,000 and 3,000, both ways of laying out routes."""
    assert [routes for routes, _ in changes.fleets(most=3000)] == [10, 1000, 1000, 3000, 3000]
