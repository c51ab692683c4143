"""HTTP connections that must come to the point: uvicorn itself waits for a request's headers for ever.

So anybody who can connect could hold every descriptor with connections that send a byte now and then, and then nobody
gets a token and the gateway no proof.
"""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol

HEADERS_S: Final = 10.0
"""How long the headers of a request may take to arrive, from the connection or from their first byte on."""


class PatientProtocol(H11Protocol):
    """uvicorn's protocol with an end to its patience. h11 also bounds what headers may hold (64 KiB)."""

    headers_s: float = HEADERS_S
    _impatience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._expect_request()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._expect_request()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _expect_request(self) -> None:
        # Once armed it stays: more bytes of the same headers buy no time.
        if self._impatience is None:
            self._impatience = self.loop.call_later(self.headers_s, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None
