"""Two Envoys of two workers each, as on two machines: what they share by way of Valkey is one limit."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import policy_envoy
from policy_envoy import Lab, Route, running_lab
from policy_programs import document_text
from tidegate.adapters.valkey import ValkeyAddress
from tidegate.envoy.bootstrap import state_cluster
from tidegate.runtime.shared_limits import SyncMemory
from valkey_server import running_valkey

pytestmark = pytest.mark.e2e


@contextmanager
def machine(folder: Path, address: ValkeyAddress) -> Iterator[Lab]:
    """An Envoy and its state process."""
    folder.mkdir()
    with running_lab(folder) as lab:
        process = subprocess.Popen(
            [sys.executable, "-m", "tidegate.runtime.state_process", "--shared-memory", str(folder / "shared-memory"),
             "--socket", str(folder / "state.sock")],
            env={**os.environ, "TIDEGATE_VALKEY": f"unix://{address.path}"},
        )  # fmt: skip
        memory = SyncMemory(folder / "shared-memory")
        try:
            deadline = time.monotonic() + 60
            while not memory.machines:
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.02)
            yield lab
        finally:
            memory.close()
            process.terminate()
            status = process.wait()
        assert status == 0


@pytest.fixture
def labs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Lab]]:
    """Both know each other."""
    original = policy_envoy._configuration

    def configuration(folder: Path, *given: Any) -> Any:
        made = original(folder, *given)
        made["static_resources"]["clusters"].append(state_cluster(str(folder / "state.sock")))
        return made

    monkeypatch.setattr(policy_envoy, "_configuration", configuration)
    monkeypatch.setenv("TIDEGATE_SHARED_LIMITS", "1")
    with ExitStack() as stack:
        address = stack.enter_context(running_valkey(tmp_path))
        made = [stack.enter_context(machine(tmp_path / name, address)) for name in ("one", "two")]
        first = SyncMemory(made[0].folder / "shared-memory")
        deadline = time.monotonic() + 60
        while first.machines != 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        first.close()
        yield made


def burst(routes: list[Route], number: int) -> list[int]:
    """The statuses of so many concurrent requests, by turns to each."""
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda index: routes[index % 2].get().status, range(number)))


def test_one_limit_for_all(labs: list[Lab]) -> None:
    """Exactly as many calls pass as may, however they are spread; Retry-After and remaining calls are everybody's."""
    for calls in (3, 40):
        more = 'remaining-calls-header-name="X-Left"'
        text = document_text(
            f"<rate-limit-by-key calls='{calls}' renewal-period='300' counter-key='{uuid4()}' {more} />"
        )
        routes = [lab.serve(text) for lab in labs]
        statuses = burst(routes, calls + 30)
        assert (statuses.count(200), statuses.count(429)) == (calls, 30)
        answer = routes[1].get()
        assert 290 <= int(answer.header("retry-after") or 0) <= 300
        assert answer.header("x-left") == "0"


def test_one_quota_for_all(labs: list[Lab]) -> None:
    """Fixed windows too."""
    text = document_text(f"<quota-by-key calls='20' renewal-period='0' counter-key='{uuid4()}' />")
    statuses = burst([lab.serve(text) for lab in labs], 40)
    assert (statuses.count(200), statuses.count(403)) == (20, 20)
