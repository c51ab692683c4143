"""What `tidegate explain METHOD URL` says: for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tidegate.model import StepSummary

_MOST_LOSERS = 10


@dataclass(frozen=True, slots=True)
class Loser:
    """A route that the request does not meet."""

    route: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where a share of the requests goes."""

    backend: str
    share: float
    endpoints: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """How it is spoken to, and what is done only for it."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One request through a world. Empty texts where it does not come so far."""

    method: str
    url: str
    outcome: str
    """In one sentence."""
    gateway: str = ""
    listener: str = ""
    hostname: str = ""
    route: str = ""
    owner: str = ""
    place: str = ""
    match: str = ""
    steps: tuple[StepSummary, ...] = ()
    filters: tuple[str, ...] = ()
    """What the route changes, in the order in which it does."""
    targets: tuple[Target, ...] = ()
    losers: tuple[Loser, ...] = ()

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.method} {self.url}"
        for name, value in (
            ("gateway", self.gateway),
            ("listener", self.listener),
            ("host", self.hostname),
            ("route", f"{self.route}  ({self.owner}, {self.place})" if self.route else ""),
            ("match", self.match),
        ):
            if value:
                yield f"  {name:<9} {value}"
        for step in self.steps:
            yield f"  {step.section:<9} {step.text}  ({step.span})"
        for text in self.filters:
            yield f"  filter    {text}"
        for target in self.targets:
            where = ", ".join(target.endpoints) or "no endpoints"
            yield f"  backend   {target.backend}  {target.share:.0%}  {where}"
            for note in target.notes:
                yield f"            {note}"
        yield f"  outcome   {self.outcome}"
        if self.losers:
            yield "  not met:"
        for loser in self.losers[:_MOST_LOSERS]:
            yield f"    {loser.route}  {loser.reason}  ({loser.place})"
        if len(self.losers) > _MOST_LOSERS:
            yield f"    and {len(self.losers) - _MOST_LOSERS} more"

    def to_text(self) -> str:
        return "\n".join(self.lines()) + "\n"

    def to_json(self) -> dict[str, Any]:
        """For programs; the names are API."""
        return {
            "method": self.method,
            "url": self.url,
            "outcome": self.outcome,
            "gateway": self.gateway,
            "listener": self.listener,
            "hostname": self.hostname,
            "route": self.route,
            "owner": self.owner,
            "place": self.place,
            "match": self.match,
            "steps": [{"section": s.section, "text": s.text, "place": str(s.span)} for s in self.steps],
            "filters": list(self.filters),
            "targets": [
                {"backend": t.backend, "share": t.share, "endpoints": list(t.endpoints), "notes": list(t.notes)}
                for t in self.targets
            ],
            "notMet": [{"route": each.route, "reason": each.reason, "place": each.place} for each in self.losers],
        }
