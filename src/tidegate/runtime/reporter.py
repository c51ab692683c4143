"""What control tells the user, through the supervisor: events with a text, diagnostics once per change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tidegate.clock import Clock
from tidegate.diagnostics import Diagnostic
from tidegate.diagnostics.render import render, summary
from tidegate.runtime.channel import Channel


class Reporter:
    """The voice of the control process."""

    def __init__(self, channel: Channel, *, color: bool, clock: Clock, began: float) -> None:
        self._channel = channel
        self._color = color
        self._clock = clock
        self._began = began
        self._steps: set[str] = set()
        self._shown: frozenset[Diagnostic] = frozenset()

    def event(self, event: str, text: str, *, level: str = "info", **fields: Any) -> None:
        """Tell one event."""
        self._channel.send({"type": "event", "event": event, "text": text, "level": level, "fields": fields})

    def step(self, event: str, text: str, **fields: Any) -> None:
        """A step of the start, told once with the time since `up` was called."""
        if event not in self._steps:
            self._steps.add(event)
            after = self._clock.monotonic() - self._began
            self.event(event, f"{after:6.2f} s  {text}", after_s=round(after, 3), **fields)

    def diagnostics(self, found: Iterable[Diagnostic], *, texts: Mapping[str, str]) -> None:
        """Show those of `found`, all that are true now, that were not true before."""
        now = frozenset(found)
        fresh, remaining = now - self._shown, now & self._shown
        if fresh:
            text = render(fresh, format="full", sources=texts, color=self._color).rstrip("\n")
            if remaining:
                text += f"\nas before: {summary(remaining)}"
            self._tell(fresh, text)
        elif self._shown and not now:
            self.event("diagnostics.clear", "no errors or warnings any more")
        self._shown = now

    def diagnostic(self, diagnostic: Diagnostic, *, texts: Mapping[str, str]) -> None:
        """Show one that does not come from a compilation."""
        text = render([diagnostic], format="full", sources=texts, color=self._color).rstrip("\n")
        self._tell([diagnostic], text)

    def fatal(self, text: str, *, exit_code: int) -> None:
        """End everything."""
        self._channel.send({"type": "fatal", "exit_code": exit_code, "text": text})

    def _tell(self, found: Iterable[Diagnostic], text: str) -> None:
        items = [
            {"code": one.code.code, "severity": str(one.severity), "message": one.concise()}
            for one in sorted(found, key=Diagnostic.sort_key)
        ]
        worst = "error" if any(item["severity"] == "error" for item in items) else "warning"
        self.event("diagnostics.found", text, level=worst, diagnostics=items)
