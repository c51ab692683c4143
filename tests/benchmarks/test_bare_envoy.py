"""The yardstick's configuration."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from benchmarks.bare_envoy import write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.e2e
def test_envoy_accepts_the_yardstick(tmp_path: Path) -> None:
    """Envoy itself validates it."""
    command = write(tmp_path, port=18080, backend_port=18081)
    done = subprocess.run([*command, "--mode", "validate"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
