"""One request for many who wait for the same answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable


class _Flight:
    __slots__ = ("error", "landed")

    def __init__(self) -> None:
        self.landed = asyncio.Event()
        self.error: Exception | None = None


class SingleFlight:
    """Runs at most one action per key at a time; who comes meanwhile waits and shares its outcome.

    The first caller runs the action in its own task. If that caller is cancelled, one of those who wait runs it again:
    a client that hangs up must not fail the others.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight] = {}

    def is_flying(self, key: Hashable) -> bool:
        return key in self._flights

    async def run(self, key: Hashable, action: Callable[[], Awaitable[None]]) -> None:
        """Run `action`, or wait for the one under way and raise its error.

        Look at what it left behind, and ask again if there is nothing: the one waited for may have been cancelled.
        """
        flight = self._flights.get(key)
        if flight is not None:
            await flight.landed.wait()
            if flight.error is not None:
                raise flight.error
            return
        flight = self._flights[key] = _Flight()
        try:
            await action()
        except Exception as error:
            flight.error = error
            raise
        finally:
            del self._flights[key]
            flight.landed.set()
