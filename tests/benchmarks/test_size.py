"""The large configuration, in small."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from benchmarks.authority import Authority
from benchmarks.size import Amounts, amounts, memory_mb, write_manifests
from compiling import compiled

if TYPE_CHECKING:
    from pathlib import Path


def test_the_amounts_are_those_that_were_asked_for(tmp_path: Path) -> None:
    """Routes, Services, endpoints, certificates; without a finding."""
    wanted = Amounts(routes=140, services=7, endpoints=70, certificates=70)
    write_manifests(tmp_path, wanted, Authority(), backend_port=4711)
    files = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in sorted(tmp_path.rglob("*.yaml"))}
    compilation = compiled(files)
    assert compilation.diagnostics == ()
    listeners = [listener for gateway in compilation.world.gateways for listener in gateway.listeners]
    assert len(listeners) == 70
    assert sum(len(listener.certificates) for listener in listeners) == 70
    assert sum(len(listener.routes) for listener in listeners) == 140
    assert len(compilation.world.backends) == 7
    assert sum(len(backend.endpoints) for backend in compilation.world.backends.values()) == 70


def test_memory_is_read_from_the_kernel() -> None:
    """In MB; the highest is at least what there is now."""
    assert 1 < memory_mb(os.getpid(), "VmRSS") <= memory_mb(os.getpid(), "VmHWM")


def test_a_smaller_benchmark_is_smaller_everywhere() -> None:
    """In proportion, and never nothing."""
    assert amounts(most=3000) == Amounts(2000, 1000, 50_000, 1000)
    assert amounts(most=300) == Amounts(200, 100, 5000, 100)
    assert amounts(most=1) == Amounts(1, 1, 17, 1)
