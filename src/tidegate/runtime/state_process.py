"""The state process: this machine's rate limits among those of other machines, by way of Valkey.

It tells Valkey every 50 ms what Envoy has counted, learns what is near its limit, and answers Envoy, on a Unix socket
that only Envoy may enter, whether a call that is near its limit may pass. It runs only with `up --valkey`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from tidegate.adapters.valkey import Valkey, ValkeyAddress, ValkeyError
from tidegate.clock import Clock, SystemClock, SystemRandomness
from tidegate.runtime.shared_limits import PUSH_EVERY_S, SharedLimits, SyncMemory
from tidegate.runtime.state_plan import ADDRESS_VARIABLE
from tidegate.telemetry.logs import configure_logs

ENVIRONMENT_FAILED: Final = 3
_VALKEY_TIMEOUT_S: Final = 0.5
_AWAY_S: Final = 0.5
"""After a failure nobody waits for Valkey for so long; the pushes go on trying."""
_PAUSE_S: Final = 0.02
_WAIT_S: Final = 1.5
"""Until every machine has learned of a key that is near, or is known to be gone."""
_MOST_REQUEST: Final = 4096
_CONNECTIONS: Final = 4

_NUMBER: Final = rb"([0-9]{1,15}(?:[.][0-9]{1,9})?(?:e[+][0-9]{1,2})?)"
_QUESTION: Final = re.compile(rb"([0-9a-f]{32}) %s %s %s ([012])" % (_NUMBER, _NUMBER, _NUMBER))

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger("tidegate.state")


@dataclass(frozen=True, slots=True)
class Question:
    """What Envoy asks: may so many calls of a key pass?"""

    key: str
    calls: int
    period_s: float
    count: int
    mode: int

    @classmethod
    def parse(cls, body: bytes) -> Question:
        """`key calls period count mode`. Raises ValueError."""
        found = _QUESTION.fullmatch(body)
        if found is None:
            raise ValueError("that is no question of a limit")
        key, calls, period, count, mode = (part.decode() for part in found.groups())
        return cls(key, round(float(calls)), float(period), round(float(count)), int(mode))


class StateService:
    """Pushes, and answers; `away` while Valkey cannot be asked."""

    def __init__(self, address: ValkeyAddress, memory: SyncMemory, *, machine: str, clock: Clock) -> None:
        self._clock = clock
        self._pusher = SharedLimits(Valkey(address, timeout_s=_VALKEY_TIMEOUT_S), memory, machine=machine, clock=clock)
        # Calls of one key always go by the same connection, so that they are counted in their order.
        self._counters = tuple(
            SharedLimits(Valkey(address, timeout_s=_VALKEY_TIMEOUT_S), memory, machine=machine, clock=clock)
            for _ in range(_CONNECTIONS)
        )
        self._away_until = 0.0
        self._reached: bool | None = None

    async def push_forever(self) -> None:
        """Until cancelled. What fails is said once, and tried again."""
        while True:
            try:
                await self._pusher.push()
            except ValkeyError as reason:
                self._away(reason)
            else:
                self._away_until = 0.0
                if self._reached is not True:
                    _log.info("state.reached")
                    self._reached = True
            await asyncio.sleep(PUSH_EVERY_S)

    async def close(self) -> None:
        """Give up the connections."""
        for each in (self._pusher, *self._counters):
            each.close()

    async def answer(self, question: Question) -> bytes | None:
        """`fits remaining seconds`; None where nobody can say."""
        counter = self._counters[int(question.key[:2], 16) % _CONNECTIONS]
        deadline = self._clock.monotonic() + _WAIT_S
        while self._away_until <= self._clock.monotonic() < deadline:
            try:
                fits, remaining, wait_ms = await counter.count(
                    question.key, question.calls, question.period_s, question.count, question.mode
                )
            except ValkeyError as reason:
                self._away(reason)
                return None
            if fits >= 0:
                return f"{fits} {remaining} {wait_ms / 1000:.3f}".encode()
            await asyncio.sleep(_PAUSE_S)
        return None

    def _away(self, reason: ValkeyError) -> None:
        self._away_until = self._clock.monotonic() + _AWAY_S
        if self._reached is not False:
            _log.warning("state.away", reason=str(reason))
            self._reached = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of Envoy's: HTTP/1.1, as far as Envoy speaks it to a cluster."""
        # Cancelled at the end of the process only; the task ends either way.
        ends = (OSError, EOFError, asyncio.LimitOverrunError, asyncio.CancelledError)
        with contextlib.closing(writer), contextlib.suppress(*ends):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = _length(head)
                if length is None:
                    writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    return
                body = await reader.readexactly(length)
                try:
                    answer = await self.answer(Question.parse(body))
                except ValueError:
                    status, answer = b"400 Bad Request", b""
                else:
                    status, answer = (b"200 OK", answer) if answer is not None else (b"503 Service Unavailable", b"")
                writer.write(b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n%s" % (status, len(answer), answer))
                await writer.drain()


def _length(head: bytes) -> int | None:
    """The body's length; None where the request is none of Envoy's."""
    for line in head.lower().split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length" and value.strip().isdigit() and int(value) <= _MOST_REQUEST:
            return int(value)
    return None


def main() -> int:
    """Serve until SIGTERM; 3, and one line on standard error, if the environment does not allow it."""
    parser = argparse.ArgumentParser(prog="tidegate.runtime.state_process")
    parser.add_argument("--shared-memory", type=Path, required=True)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--refuse-when-away", action="store_true")
    given = parser.parse_args()
    configure_logs(clock=SystemClock())
    try:
        address = ValkeyAddress.parse(os.environ.get(ADDRESS_VARIABLE, ""))  # noqa: TID251 - see ADDRESS_VARIABLE
        given.socket.unlink(missing_ok=True)
        os.umask(0o077)  # The socket is for this user only.
        try:
            asyncio.run(_serve(given.shared_memory, given.socket, address, refuses=given.refuse_when_away))
        finally:
            given.socket.unlink(missing_ok=True)
    except (OSError, ValueError) as reason:
        sys.stderr.write(f"limits cannot be shared: {reason}\n".replace("\n", " ") + "\n")
        return ENVIRONMENT_FAILED
    return 0


async def _serve(shared_memory: Path, socket: Path, address: ValkeyAddress, *, refuses: bool) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    memory = SyncMemory(shared_memory)
    memory.refuse_when_away(refuses)
    machine = SystemRandomness().uuid()
    service = StateService(address, memory, machine=machine, clock=SystemClock())
    server = await asyncio.start_unix_server(service.serve, socket, limit=_MOST_REQUEST)
    async with server, asyncio.TaskGroup() as tasks:
        pushing = tasks.create_task(service.push_forever(), name="pushes")
        await stop.wait()
        pushing.cancel()


if __name__ == "__main__":
    sys.exit(main())
