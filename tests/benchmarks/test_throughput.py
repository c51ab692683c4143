"""The whole benchmark, as short as it can be: every variant answers, every figure is there."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

from benchmarks.machine import missing
from benchmarks.tidegate import EXAMPLE

ROOT: Final = EXAMPLE.parent.parent.parent

SHORT: Final = (
    *("--rounds", "1", "--seconds", "1", "--starts", "1", "--edits", "2", "--route-edits", "2", "--routes", "30"),
    "--print-only",
)


@pytest.mark.slow
@pytest.mark.skipif(bool(missing()), reason="wrk and HAProxy are the distribution's")
def test_the_benchmark_runs_to_its_end() -> None:
    """With real processes: bare Envoy, Tidegate, HAProxy, wrk."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *SHORT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for row in ("against the same Envoy", "against HAProxy", "to the first answer", "to its first effect", "by hand"):
        assert row in done.stdout
