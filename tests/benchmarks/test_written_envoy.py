"""Envoy by hand."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from benchmarks import written_envoy
from benchmarks.processes import free_port

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.e2e
def test_envoy_accepts_what_was_written_by_hand(tmp_path: Path) -> None:
    """Envoy itself validates it."""
    command = written_envoy.write(tmp_path, port=free_port(), backend_port=free_port())
    done = subprocess.run([*command, "--mode", "validate"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
