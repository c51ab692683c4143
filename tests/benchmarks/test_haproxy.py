"""HAProxy's configurations: what it says about itself, where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from benchmarks.haproxy import Check, write_backend, write_gateway, write_plain
from benchmarks.processes import free_port

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is the distribution's; only `make bench` needs it")
def test_haproxy_accepts_every_configuration(tmp_path: Path) -> None:
    """The peers and the backend are checked by HAProxy itself."""
    key = tmp_path / "key.pem"
    key.write_text("", encoding="utf-8")
    check = Check(key, issuer="https://issuer.example/v2.0", audience="api://tasks", origin="http://localhost:5173")
    gateway = write_gateway(tmp_path, port=free_port(), backend_port=free_port(), check=check)
    plain = write_plain(tmp_path, port=free_port(), backend_port=free_port())
    for command in (gateway, plain, write_backend(tmp_path, port=free_port())):
        done = subprocess.run([*command, "-c"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
