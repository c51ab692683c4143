"""How Envoy is started, and what it shares with itself."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tidegate.runtime.counters import free_locks, prepare_counters
from tidegate.runtime.envoy_process import envoy_process
from tidegate.runtime.state_directory import StateDirectory


def test_the_bootstrap_is_written_and_the_binary_is_the_wheels(tmp_path: Path) -> None:
    state = StateDirectory(tmp_path)
    spec = envoy_process(state, {"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "x"}, concurrency=3)
    assert os.access(spec.command[0], os.X_OK)
    assert str(state.bootstrap) in spec.command
    assert spec.command[spec.command.index("--concurrency") + 1] == "3"
    assert set(spec.environment) == {
        "PATH", "TIDEGATE_EVENTS", "TIDEGATE_SHARED_MEMORY", "TIDEGATE_TRACES", "TIDEGATE_TRACE_TOKEN",
    }  # fmt: skip
    bootstrap = json.loads(state.bootstrap.read_bytes())
    assert bootstrap["admin"]["address"]["pipe"]["path"] == str(state.admin_socket)
    assert spec == envoy_process(state, {"PATH": "/bin"}, concurrency=3)


def test_one_worker_for_each_usable_core_by_default(tmp_path: Path) -> None:
    spec = envoy_process(StateDirectory(tmp_path), {}, concurrency=0)
    assert spec.command[spec.command.index("--concurrency") + 1] == str(len(os.sched_getaffinity(0)))


def test_counters_are_made_once_and_keep_their_content(tmp_path: Path) -> None:
    path = tmp_path / "shared-memory"
    prepare_counters(path)
    with path.open("r+b") as file:
        file.seek(-4, os.SEEK_END)
        file.write(b"kept")
    prepare_counters(path)
    free_locks(path)
    assert path.read_bytes().endswith(b"kept")
