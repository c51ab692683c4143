"""Requests per second of gateway core: the variants, interleaved."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import bare_envoy, haproxy, tidegate
from benchmarks.load import Load, Sample, request_script, send
from benchmarks.processes import GATEWAY_CORE, LOAD_CORE, free_port, running
from benchmarks.report import BARE, BROWSER, IDLE, OPEN, PEER, TASK, Rounds

TOKENS: Final = len(tidegate.USERS)

_WARM_UP: Final = Load(seconds=1, connections=32)


@dataclass(frozen=True, slots=True)
class Variant:
    """One gateway that is ready to be measured."""

    port: int
    pid: int
    script: Path
    """What wrk sends."""


def measure(directory: Path, *, load: Load, rounds: int, say: Callable[[str], None]) -> Rounds:
    """Start all variants, then measure each of them once a round. Only one has load at a time."""
    with contextlib.ExitStack() as stack:
        variants = _start(directory, stack)
        samples: dict[str, list[Sample]] = {name: [] for name in variants}
        for variant in variants.values():
            send(_WARM_UP, script=variant.script, url=_url(variant), gateway_pid=variant.pid)
        for number in range(1, rounds + 1):
            for name, variant in variants.items():
                sample = send(load, script=variant.script, url=_url(variant), gateway_pid=variant.pid)
                samples[name].append(sample)
                say(f"round {number}/{rounds}  {name:36} {sample.requests_per_cpu_s:8.0f} requests per core second")
    return samples


def _start(directory: Path, stack: contextlib.ExitStack) -> Mapping[str, Variant]:
    backend, bare, idle, peer = free_port(), free_port(), free_port(), free_port()
    stack.enter_context(
        running(
            "backend",
            haproxy.write_backend(directory, port=backend),
            core=LOAD_CORE,
            port=backend,
            directory=directory,
        )
    )
    manifests = directory / "manifests"
    tidegate.write_manifests(manifests, backend_port=backend)
    instance = stack.enter_context(
        tidegate.up(manifests, state=directory / "state", core=GATEWAY_CORE, directory=directory)
    )
    tokens = [instance.token(user) for user in tidegate.USERS]
    program, browser = directory / "program.lua", directory / "browser.lua"
    program.write_text(request_script({}, tokens), encoding="utf-8")
    browser.write_text(request_script({"Origin": tidegate.ORIGIN}, tokens), encoding="utf-8")

    envoys = []
    for name, port, lua in (("bare-envoy", bare, ""), ("idle-envoy", idle, bare_envoy.IDLE_LUA)):
        words = bare_envoy.write(directory, name=name, port=port, backend_port=backend, lua=lua)
        envoys.append(stack.enter_context(running(name, words, core=GATEWAY_CORE, port=port, directory=directory)))
    key = directory / "public-key.pem"
    key.write_bytes(instance.public_key(tokens[0]))
    said = tidegate.claims(tokens[0])
    check = haproxy.Check(key, issuer=said["iss"], audience=said["aud"], origin=tidegate.ORIGIN)
    rival = stack.enter_context(
        running(
            "haproxy",
            haproxy.write_gateway(directory, port=peer, backend_port=backend, check=check),
            core=GATEWAY_CORE,
            port=peer,
            directory=directory,
        )
    )
    own = instance.envoy_pid()
    return {
        BARE: Variant(bare, envoys[0].pid, program),
        IDLE: Variant(idle, envoys[1].pid, program),
        OPEN: Variant(instance.port("open"), own, program),
        TASK: Variant(instance.port("edge"), own, program),
        BROWSER: Variant(instance.port("edge"), own, browser),
        PEER: Variant(peer, rival.pid, program),
    }


def _url(variant: Variant) -> str:
    return f"http://127.0.0.1:{variant.port}{tidegate.PATH}"
