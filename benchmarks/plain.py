"""Requests per second of gateway core for a plain routed request: Tidegate, Envoy by hand, HAProxy, nginx."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks import haproxy, nginx, tidegate, written_envoy
from benchmarks.fleet import write
from benchmarks.load import Load, Sample, send
from benchmarks.processes import GATEWAY_CORE, LOAD_CORE, free_port, running
from benchmarks.report import Rounds

TIDEGATE: Final = "Tidegate"
BY_HAND: Final = "Envoy, configured by hand"
HAPROXY: Final = "HAProxy"
NGINX: Final = "nginx"

PATH: Final = "/tasks/1"

_WARM_UP: Final = Load(seconds=1, connections=32)

_MANIFESTS: Final = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: edge
  namespace: plain
spec:
  gatewayClassName: tidegate
  listeners:
    - name: http
      port: 80
      protocol: HTTP
---
apiVersion: v1
kind: Service
metadata:
  name: tasks
  namespace: plain
  annotations:
    tidegate.dev/endpoints: "127.0.0.1:{port}"
spec:
  ports:
    - port: 80
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: tasks
  namespace: plain
spec:
  parentRefs:
    - name: edge
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: /tasks
      backendRefs:
        - name: tasks
          port: 80
"""


def measure(directory: Path, *, load: Load, rounds: int, say: Callable[[str], None]) -> Rounds:
    """Start all of them, then measure each once a round. A peer that is not installed is left out, and that is said."""
    script = directory / "plain.lua"
    script.write_text("wrk.method = 'GET'\n", encoding="utf-8")
    with contextlib.ExitStack() as stack:
        variants = _start(directory, stack, say)
        samples: dict[str, list[Sample]] = {name: [] for name in variants}
        for port, pid in variants.values():
            send(_WARM_UP, script=script, url=_url(port), gateway_pid=pid)
        for number in range(1, rounds + 1):
            for name, (port, pid) in variants.items():
                sample = send(load, script=script, url=_url(port), gateway_pid=pid)
                samples[name].append(sample)
                say(f"round {number}/{rounds}  {name:36} {sample.requests_per_cpu_s:8.0f} requests per core second")
    return samples


def _start(directory: Path, stack: contextlib.ExitStack, say: Callable[[str], None]) -> dict[str, tuple[int, int]]:
    """Variant to the port and the process that is measured."""
    backend = free_port()
    words = haproxy.write_backend(directory, port=backend)
    stack.enter_context(running("backend", words, core=LOAD_CORE, port=backend, directory=directory))
    manifests = directory / "manifests-plain"
    write(manifests / "plain.yaml", _MANIFESTS.format(port=backend))
    instance = stack.enter_context(
        tidegate.up(manifests, state=directory / "state-plain", core=GATEWAY_CORE, directory=directory)
    )
    variants = {TIDEGATE: (instance.port_of("plain/edge", "http"), instance.envoy_pid())}
    for name, writer, program in (
        (BY_HAND, written_envoy.write, ""),
        (HAPROXY, haproxy.write_plain, "haproxy"),
        (NGINX, nginx.write, "nginx"),
    ):
        if program and shutil.which(program) is None:
            say(f"{name} is left out: {program} is not installed (apt-get install {program})")
            continue
        port = free_port()
        command = writer(directory, port=port, backend_port=backend)
        process = stack.enter_context(
            running(f"plain-{name.partition(',')[0]}", command, core=GATEWAY_CORE, port=port, directory=directory)
        )
        variants[name] = (port, process.pid)
    return variants


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}{PATH}"
