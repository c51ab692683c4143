"""Shared files are made, freed, and their quotas written to the disk."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tidegate.policies.shared_memory import FILES
from tidegate.runtime import counters


async def test_quotas_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Again and again, until cancelled."""
    path = tmp_path / "memory"
    counters.prepare_counters(path)
    counters.free_locks(path)
    assert all(file.below(path).exists() for file in FILES)
    written = asyncio.Event()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(counters, "_KEEP_EVERY_S", 0.001)
    monkeypatch.setattr(counters.os, "fsync", lambda _: loop.call_soon_threadsafe(written.set))
    async with asyncio.TaskGroup() as tasks:
        keeping = tasks.create_task(counters.keep_quotas(path))
        await asyncio.wait_for(written.wait(), 60)
        keeping.cancel()
