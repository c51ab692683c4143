"""Access tokens kept until shortly before they expire, fetched once for all who wait."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

from tidegate_auth.clock import Clock
from tidegate_auth.single_flight import SingleFlight

RENEW_BEFORE_S = 300.0
"""A token with less than this to live is not handed out, so that the call made with it is still in time."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token for another service."""

    value: str = field(repr=False)
    expires_at: float
    """Epoch seconds."""


class TokenCache:
    """At most `capacity` tokens; the one used longest ago goes first."""

    def __init__(self, *, clock: Clock, capacity: int) -> None:
        self._clock = clock
        self._capacity = capacity
        self._entries: OrderedDict[Hashable, tuple[AccessToken, float]] = OrderedDict()
        self._flight = SingleFlight()

    async def get(self, key: Hashable, fetch: Callable[[], Awaitable[AccessToken]]) -> AccessToken:
        """The token kept under `key`, else a new one from `fetch`, whose errors reach everybody who waits."""

        async def renew() -> None:
            token = await fetch()
            now = self._clock.now()
            # Short-lived tokens are used for nine tenths of their life rather than never.
            margin = min(RENEW_BEFORE_S, (token.expires_at - now) / 10)
            self._entries[key] = (token, token.expires_at - margin)
            self._entries.move_to_end(key)
            while len(self._entries) > self._capacity:
                self._entries.popitem(last=False)

        while (token := self._fresh(key)) is None:
            await self._flight.run(key, renew)
        return token

    def forget(self, key: Hashable, token: AccessToken) -> None:
        """Drop `token` if it is what is kept: it was refused."""
        kept = self._entries.get(key)
        if kept is not None and kept[0] is token:
            del self._entries[key]

    def _fresh(self, key: Hashable) -> AccessToken | None:
        kept = self._entries.get(key)
        if kept is None or self._clock.now() >= kept[1]:
            return None
        self._entries.move_to_end(key)
        return kept[0]
