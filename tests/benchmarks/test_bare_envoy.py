"""The yardstick's configuration."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from benchmarks.bare_envoy import IDLE_LUA, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.e2e
@pytest.mark.parametrize("lua", ["", IDLE_LUA])
def test_envoy_accepts_the_yardstick(tmp_path: Path, lua: str) -> None:
    """Envoy itself validates it, with and without a Lua filter."""
    command = write(tmp_path, name="bare-envoy", port=18080, backend_port=18081, lua=lua)
    done = subprocess.run([*command, "--mode", "validate"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
