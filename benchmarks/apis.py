"""Many APIs: how long they take to compile, from nothing and after a change; what an operation takes of Envoy."""

from __future__ import annotations

import gc
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

import httpx2

from benchmarks import tidegate
from benchmarks.changes import backend
from benchmarks.size import memory_mb
from tidegate.adapters.rereading import Inputs, Rereader
from tidegate.envoy.convert import check_bootstrap
from tidegate.pipeline import Compilation, Observed, Settings, compile_sources
from tidegate.xds.cache import SnapshotCache

APIS: Final = 500
OPERATIONS: Final = 10
_FOLDER: Final = "apimartifacts/apis"

_POLICY: Final = """\
<policies>
  <inbound>
    <base />
    <set-variable name="caller" value="@(context.Request.Headers.GetValueOrDefault("X-Caller", "{name}"))" />
    <choose>
      <when condition="@(((string)context.Variables["caller"]).StartsWith("{name}"))">
        <set-header name="X-Caller-Kind" exists-action="override"><value>own</value></set-header>
      </when>
      <otherwise>
        <set-header name="X-Caller-Kind" exists-action="override"><value>other</value></set-header>
      </otherwise>
    </choose>
    <rate-limit-by-key calls="{calls}" renewal-period="60" counter-key="@((string)context.Variables["caller"])" />
    <set-query-parameter name="api" exists-action="override"><value>{name}</value></set-query-parameter>
  </inbound>
  <backend><base /></backend>
  <outbound>
    <base />
    <set-header name="X-{mark}" exists-action="override"><value>@(context.Api.Name)</value></set-header>
    <set-header name="X-Powered-By" exists-action="delete" />
  </outbound>
  <on-error><base /></on-error>
</policies>
"""


@dataclass(frozen=True, slots=True)
class Apis:
    """What many APIs took."""

    apis: int
    operations: int
    """Of each."""
    full_s: float
    """Read, resolved, compiled and encoded from nothing."""
    change_ms: float
    """The same after one API's policy was changed, median."""
    envoy_kb: float
    """Resident memory of Envoy for one operation more."""
    start_s: float
    """`tidegate up` to the first answer by the last API."""


def measure(
    directory: Path, *, say: Callable[[str], None], apis: int = APIS, operations: int = OPERATIONS, edits: int = 20
) -> Apis:
    """Compile in this process, then run them."""
    with backend(directory) as port:
        few, many = directory / "apis-few", directory / "apis-many"
        write(few, apis=1, operations=operations, backend_port=port)
        write(many, apis=apis, operations=operations, backend_port=port)
        full_s, change_ms = compile_times(many, edits=edits)
        small, _ = _run(directory, few, last=0)
        large, start_s = _run(directory, many, last=apis - 1)
    result = Apis(
        apis,
        operations,
        full_s,
        change_ms,
        envoy_kb=(large - small) * 1000 / max(1, (apis - 1) * operations),
        start_s=start_s,
    )
    say(
        f"{apis} APIs with {operations} operations: {full_s:.2f} s from nothing, {change_ms:.0f} ms after a change, "
        f"{result.envoy_kb:.1f} kB of Envoy an operation, first answer after {start_s:.1f} s"
    )
    return result


def compile_times(root: Path, *, edits: int) -> tuple[float, float]:
    """Seconds of processor time from nothing, milliseconds after a change: reading, compiling, and what is sent made
    ready. As `tidegate up` does it: the first compilation runs without the collector, and what it made stays."""
    reader = Rereader(Inputs(paths=(root,), sets={}, skip=(), working_directory=root))
    settings, observed = Settings(), Observed()
    check_bootstrap({})  # imports Envoy's messages, which is not the compiler's time
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        compilation = compile_sources(reader.read_all()[0], settings, observed, None)
    finally:
        gc.freeze()
        gc.enable()
    cache = SnapshotCache()
    _publish(cache, compilation)
    full_s = time.process_time() - began
    times: list[float] = []
    for number in range(edits):
        path, text = changed_policy(number, str(number))
        (root / path).write_text(text, encoding="utf-8")
        began = time.process_time()
        sources = reader.read_changed([root / path])[0]
        compilation = compile_sources(sources, settings, observed, compilation)
        _publish(cache, compilation)
        times.append((time.process_time() - began) * 1000)
    gc.unfreeze()
    return full_s, median(times)


def _publish(cache: SnapshotCache, compilation: Compilation) -> None:
    if compilation.has_errors:
        raise ValueError([d.concise() for d in compilation.diagnostics][:3])
    cache.publish(compilation.snapshot)


def world(apis: int = APIS, operations: int = OPERATIONS, *, backend_port: int = 9) -> dict[str, str]:
    """Files by path: each API with a policy of its own."""
    files: dict[str, str] = {}
    for number in range(apis):
        name = _name(number)
        properties = {
            "path": name,
            "displayName": name,
            "serviceUrl": f"http://127.0.0.1:{backend_port}",
            "subscriptionRequired": False,
        }
        paths = {
            f"/things-{each}/{{id}}": {
                "get": {
                    "operationId": f"get-{each}",
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                    "responses": {"200": {"description": "fine"}},
                }
            }
            for each in range(operations)
        }
        specification = {"openapi": "3.0.1", "info": {"title": name, "version": "1"}, "paths": paths}
        folder = f"{_FOLDER}/{name}"
        files[f"{folder}/apiInformation.json"] = json.dumps({"properties": properties})
        files[f"{folder}/specification.json"] = json.dumps(specification)
        files[f"{folder}/policy.xml"] = _POLICY.format(name=name, calls=1000, mark="Api")
    return files


def changed_policy(number: int, mark: str) -> tuple[str, str]:
    """The path of one API's policy, and another text for it."""
    name = _name(number)
    return f"{_FOLDER}/{name}/policy.xml", _POLICY.format(name=name, calls=1000, mark=f"Api-{mark}")


def write(root: Path, *, apis: int, operations: int, backend_port: int) -> None:
    """Put a world on the disk."""
    for path, text in world(apis, operations, backend_port=backend_port).items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")


def _run(directory: Path, root: Path, *, last: int) -> tuple[float, float]:
    """Envoy's memory in MB once the last API answers, and the seconds until then."""
    state = directory / f"state-{root.name}"
    began = time.perf_counter()
    with tidegate.up(root, state=state, core=None, directory=directory) as instance:
        url = f"http://127.0.0.1:{instance.ready['apim']['port']}/{_name(last)}/things-0/1"
        while httpx2.get(url, trust_env=False, timeout=60).status_code != 200:
            time.sleep(0.01)
        start_s = time.perf_counter() - began
        used = memory_mb(instance.envoy_pid(), "VmRSS")
    shutil.rmtree(state)
    return used, start_s


def _name(number: int) -> str:
    return f"api-{number:04}"
