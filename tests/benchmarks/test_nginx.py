"""nginx as a plain proxy."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from benchmarks import nginx
from benchmarks.processes import free_port

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is the distribution's; only `make bench` needs it")
def test_nginx_accepts_the_plain_route(tmp_path: Path) -> None:
    """nginx checks it."""
    command = nginx.write(tmp_path, port=free_port(), backend_port=free_port())
    done = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
