"""Time, passed in: this distribution stands on its own, so it has its own small clock."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from. `tidegate.clock.ManualClock` and `tidegate_auth.testing.ManualClock` fit it."""

    def now(self) -> float:
        """Seconds since the Unix epoch (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back; only differences mean something."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()  # noqa: TID251 - the one place where this distribution reads the wall clock

    def monotonic(self) -> float:
        return time.monotonic()
