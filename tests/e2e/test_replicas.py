"""Local replicas of a Deployment: started, followed, replaced and ended without a failed request."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from system import System, running, until

pytestmark = pytest.mark.e2e

APP = """\
import os


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": f"{os.environ['MODE']} {os.getpid()}".encode()})
"""


def manifest(*, mode: str = "first", replicas: int = 2, command: str = "uvicorn shop:app --port $PORT") -> str:
    return f"""\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: edge, namespace: shop}}
spec:
  gatewayClassName: tidegate
  listeners: [{{name: http, port: 80, protocol: HTTP}}]
---
apiVersion: v1
kind: Service
metadata: {{name: cart, namespace: shop}}
spec: {{selector: {{app: cart}}, ports: [{{port: 80}}]}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: cart, namespace: shop}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: cart}}}}
  template:
    metadata:
      labels: {{app: cart}}
      annotations: {{tidegate.dev/run: "{command}"}}
    spec: {{containers: [{{name: cart, image: cart, env: [{{name: MODE, value: {mode}}}]}}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: cart, namespace: shop}}
spec:
  parentRefs: [{{name: edge}}]
  rules: [{{backendRefs: [{{name: cart, port: 80}}]}}]
"""


def write(path: Path, text: str) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(path)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[tuple[System, Path]]:
    file = tmp_path / "in" / "shop.yaml"
    file.parent.mkdir()
    (file.parent / "shop.py").write_text(APP)
    write(file, manifest())
    with running(tmp_path / "run", [file.parent], "--run") as system:
        yield system, file


def get(system: System) -> httpx2.Response:
    return httpx2.get(system.url("shop/edge"), trust_env=False, timeout=60)


def modes(system: System) -> set[str]:
    return {get(system).text.split()[0] for _ in range(8)}


def pids(system: System) -> set[str]:
    return {get(system).text.split()[1] for _ in range(20)}


class Load(threading.Thread):
    """Requests one after another until told to stop; counts what was not a 200."""

    def __init__(self, system: System) -> None:
        super().__init__(daemon=True)
        self._system = system
        self._stopped = threading.Event()
        self.failures: list[Any] = []

    def run(self) -> None:
        while not self._stopped.wait(0.005):
            try:
                answer = get(self._system)
            except httpx2.HTTPError as error:
                self.failures.append(error)
            else:
                if answer.status_code != 200:
                    self.failures.append((answer.status_code, answer.text))

    def __enter__(self) -> Load:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self.join()


def test_a_changed_deployment_is_replaced_without_a_failed_request(shop: tuple[System, Path]) -> None:
    """New replicas first, then the old ones go."""
    system, file = shop
    assert modes(system) == {"first"}
    with Load(system) as load:
        write(file, manifest(mode="second"))
        until(lambda: modes(system) == {"second"}, deadline_s=40, what="only new replicas")
        until(lambda: len([c for c in system.descendants().values() if "shop:app" in c]) == 2, what="the old ones' end")
    assert load.failures == []


def test_more_and_fewer_replicas_without_a_failed_request(shop: tuple[System, Path]) -> None:
    system, file = shop
    with Load(system) as load:
        write(file, manifest(replicas=3))
        until(lambda: len(pids(system)) == 3, deadline_s=40, what="a third replica")
        write(file, manifest(replicas=1))
        until(lambda: len(pids(system)) == 1, deadline_s=40, what="one replica")
    assert load.failures == []


def test_a_generation_that_does_not_start_leaves_the_old_one_serving(shop: tuple[System, Path]) -> None:
    """And says so at the Deployment."""
    system, file = shop
    write(file, manifest(command="uvicorn nothing:app --port $PORT"))
    until(lambda: "TG9103" in system.log(), deadline_s=60, what="the diagnostic")
    assert "shop.yaml:" in system.log()
    assert modes(system) == {"first"}
    write(file, manifest(mode="second"))
    until(lambda: modes(system) == {"second"}, deadline_s=40, what="the corrected generation")


def test_a_killed_replica_comes_back_and_the_other_serves(shop: tuple[System, Path]) -> None:
    system, _ = shop
    before = pids(system)
    assert len(before) == 2
    killed = before.pop()
    os.kill(int(killed), signal.SIGKILL)
    until(lambda: killed not in (now := pids(system)) and len(now) == 2, deadline_s=40, what="a new replica")


def test_a_restarted_control_process_finds_its_replicas(shop: tuple[System, Path]) -> None:
    """Same processes, same ports: nothing is restarted."""
    system, file = shop
    before = pids(system)
    first = system.pid_of("runtime.control")
    os.kill(first, signal.SIGKILL)
    until(
        lambda: any("runtime.control" in c and pid != first for pid, c in system.descendants().items()),
        what="a new control process",
    )
    write(file, manifest(replicas=3))
    until(lambda: len(pids(system)) == 3, deadline_s=40, what="a third replica, by the new control process")
    assert before < pids(system)
