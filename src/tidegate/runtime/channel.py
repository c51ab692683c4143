"""The channel between supervisor and control: JSON objects, one a line, over a socketpair.

Control to supervisor:
    {"type": "ensure", "process": {...}}            start this one now; leaves the others alone
    {"type": "processes", "processes": [...]}       exactly these should run, beside control and identity
    {"type": "event", "event", "level", "text", "fields"}    something to tell the user
    {"type": "ready", "ready": {...}}               everything serves: write the ready file with this content
    {"type": "fatal", "exit_code", "text"}          end with this; the text is one line or a rendered diagnostic
Supervisor to control:
    {"type": "options", "options", "serving", "began"}     once, first; `began` is monotonic seconds
    {"type": "process", ...}                        a ProcessReport, at each change
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

_MAX_MESSAGE_BYTES: Final = 16_000_000


class Channel:
    """One end."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def over(cls, end: socket.socket) -> Channel:
        """Take over one end of a socketpair."""
        end.setblocking(False)
        return cls(*await asyncio.open_connection(sock=end, limit=_MAX_MESSAGE_BYTES))

    def send(self, message: Mapping[str, Any]) -> None:
        """Queue one message. To an end that is gone: nothing happens, its process' exit is noticed elsewhere."""
        if not self._writer.is_closing():
            self._writer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")

    async def receive(self) -> dict[str, Any] | None:
        """The next message; None when the other end is closed."""
        try:
            line = await self._reader.readline()
        except ConnectionError:
            return None
        if not line.endswith(b"\n"):
            return None
        message: dict[str, Any] = json.loads(line)
        return message

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        while (message := await self.receive()) is not None:
            yield message

    def close(self) -> None:
        self._writer.close()
