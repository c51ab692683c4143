"""What stands in for every backend and every service that a policy calls: one server on a Unix socket.

It answers as the case says, and keeps what it was asked.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import h11

from tidegate.manifests.schema.policy_test import CaseAnswer
from tidegate.runtime.policy_tests.messages import Call, body_of

_MAX_BODY_BYTES: Final = 16 << 20


@dataclass
class StandIns:
    """The answers of the case that runs, and the calls that came."""

    answers: list[tuple[CaseAnswer, int]] = field(default_factory=list)
    """Each with how often it was given."""
    calls: list[Call] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def begin(self, answers: Sequence[CaseAnswer]) -> None:
        """Another case."""
        self.answers = [(answer, 0) for answer in answers]
        self.calls = []

    def answer_to(self, call: Call) -> CaseAnswer:
        """The first answer that matches and has not been given often enough; an empty 200 if there is none."""
        for number, (answer, given) in enumerate(self.answers):
            if _matches(answer, call) and (answer.times is None or given < answer.times):
                self.answers[number] = (answer, given + 1)
                return answer
        return CaseAnswer()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of Envoy's."""
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        connection = h11.Connection(h11.SERVER)
        with contextlib.suppress(ConnectionError, h11.ProtocolError):
            while await self._exchange(connection, reader, writer):
                connection.start_next_cycle()
        writer.close()

    async def _exchange(
        self, connection: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """One request and its answer; whether another may come on the connection."""
        call = await _receive(connection, reader)
        if call is None:
            return False
        self.calls.append(call)
        answer = self.answer_to(call)
        if answer.fails == "silent":
            await reader.read()  # Until Envoy gives up.
        if answer.fails is not None:
            return False
        body, headers = body_of(answer.body, answer.json_, answer.headers)
        sized = [*headers, ("content-length", str(len(body)))]
        writer.write(connection.send(h11.Response(status_code=answer.status, headers=sized)) or b"")
        if call.method != "HEAD" and answer.status not in (204, 304):
            writer.write(connection.send(h11.Data(data=body)) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        return connection.our_state is h11.DONE and connection.their_state is h11.DONE

    def stop(self) -> None:
        """End every connection."""
        for task in list(self._tasks):
            task.cancel()


def _matches(answer: CaseAnswer, call: Call) -> bool:
    wanted = answer.match
    path = call.path.partition("?")[0]
    if wanted.path is not None and wanted.path.endswith("*"):
        fits = path.startswith(wanted.path[:-1])
    else:
        fits = wanted.path in (None, path)
    return fits and wanted.host in (None, call.host) and wanted.method in (None, call.method)


async def _receive(connection: h11.Connection, reader: asyncio.StreamReader) -> Call | None:
    request: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(65_536)
            if not data and request is None:
                return None
            connection.receive_data(data)
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _MAX_BODY_BYTES:
                return None
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers)
            return Call(request.method.decode("ascii"), request.target.decode("latin-1"), headers, bytes(body))
        else:
            return None


@asynccontextmanager
async def standing_in(socket: Path) -> AsyncIterator[StandIns]:
    """Serve on a Unix socket for as long as the context lasts."""
    stand_ins = StandIns()
    server = await asyncio.start_unix_server(stand_ins.serve, path=socket)
    try:
        yield stand_ins
    finally:
        server.close()
        stand_ins.stop()
