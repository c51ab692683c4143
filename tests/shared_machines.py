"""Machines that share limits, in one test process: each with its memory, its runtime in LuaJIT, its state service."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from expression_lab import runtime
from tidegate.adapters.valkey import ValkeyAddress
from tidegate.clock import SystemClock
from tidegate.policies.shared_memory import create
from tidegate.runtime.shared_limits import SyncMemory
from tidegate.runtime.state_process import Question, StateService

T = TypeVar("T")

_USE = b"""
local asked_for_first = R.sharing, R.resumed -- what brings them would put its own in the place of these
R.sharing, R.resumed = true, function() end
local ask = ...
local h = { httpCall = function(_, _, _, body)
  asked = asked + 1
  local status, text = ask(body)
  return { [":status"] = status }, text
end }
asked = 0
function count(key, calls, period, n, mode)
  local ok, allowed, remaining, wait = pcall(R.count_in, "t:", key, calls, period, n or 1, mode or 0, { h = h })
  if not ok then return type(allowed) == "table" and allowed.reason or allowed, 0, 0 end
  return allowed, remaining, wait
end
"""


class Machine:
    """One of them. Its runtime is for one thread at a time."""

    def __init__(self, folder: Path, address: ValkeyAddress, loop: asyncio.AbstractEventLoop, *, refuses: bool) -> None:
        folder.mkdir()
        memory = folder / "memory"
        create(memory)
        self._loop = loop
        self.memory = SyncMemory(memory)
        self.memory.refuse_when_away(refuses)
        self.service = StateService(address, self.memory, machine=folder.name, clock=SystemClock())
        os.environ["TIDEGATE_SHARED_MEMORY"] = str(memory)
        self.vm = runtime()
        self.vm.execute(b"USE = function(...) " + _USE + b" end")
        self.vm.globals().USE(self._ask)
        self.vm.execute(b"count('warm', 1, 1, 1, 2)")
        self._count: Any = self.vm.globals().count

    def count(self, key: str, *, calls: int, period: float = 60, count: int = 1, mode: int = 0) -> Any:
        """True, False, or the reason of a failure; what remains; seconds to wait."""
        return self._count(key.encode(), calls, period, count, mode)

    @property
    def asked(self) -> int:
        """How often Valkey was asked before a call passed."""
        return int(self.vm.globals().asked)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def _ask(self, body: bytes) -> tuple[bytes, bytes]:
        answer = self.run(self.service.answer(Question.parse(body)))
        return (b"200", answer) if answer is not None else (b"503", b"")


@contextmanager
def machines(folder: Path, address: ValkeyAddress, number: int, *, refuses: bool = False) -> Iterator[list[Machine]]:
    """So many machines whose state services run, each with news of the others."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    before = os.environ.get("TIDEGATE_SHARED_MEMORY")
    try:
        made = [Machine(folder / f"machine-{index}", address, loop, refuses=refuses) for index in range(number)]
        pushing = [asyncio.run_coroutine_threadsafe(each.service.push_forever(), loop) for each in made]
        yield made
        for each in pushing:
            each.cancel()
        for each in made:
            asyncio.run_coroutine_threadsafe(each.service.close(), loop).result(60)
            each.memory.close()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        if before is None:
            os.environ.pop("TIDEGATE_SHARED_MEMORY", None)
        else:
            os.environ["TIDEGATE_SHARED_MEMORY"] = before
