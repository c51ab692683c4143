"""`rate-limit-by-key`: at most so many calls in a sliding window, counted by a key.

One counter for a key across all scopes and APIs, over all workers and, with `up --valkey`, over all machines. It is
exact up to 128 calls a window; above, a call may count up to 1/126 of the period too long, never too short. A call
counts when it comes; with an `increment-condition` or `increment-count` that speaks of `context.Response`, when its
answer is known, and then calls under way together may pass the limit by their number. Refused calls are not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.policies.catalogue.counting import (
    MAX_CALLS,
    Increment,
    Names,
    read_increment,
    read_names,
    values,
    within,
)
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import INT
from tidegate.policies.lua_text import lua_value
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

MAX_PERIOD_S: Final = 300


@dataclass(frozen=True, slots=True)
class RateLimitByKey(Statement):
    calls: Setting
    period_s: Setting
    key: Setting
    increment: Increment
    names: Names

    name: ClassVar[str] = "rate-limit-by-key"

    @property
    def settings(self) -> Iterator[Setting]:
        yield from (self.calls, self.period_s, self.key, *self.increment.settings)

    @property
    def sets(self) -> tuple[str, ...]:
        return self.names.variables

    def summary(self) -> str:
        return f"rate-limit-by-key: {self.calls.shown} calls in {self.period_s.shown} s by {self.key.shown}"

    def emit(self, out: ProgramWriter) -> None:
        rules = out.lua.constant(lua_value(self.names.lua()))
        self.names.prepare(out)
        arguments = values((self.key, self.calls, self.period_s), out)
        count, late = self.increment.emit(out)
        later = "" if late == "nil" else f", {late}"
        out.lua.line(f"R.rate_limit(q, {rules}, {', '.join(arguments)}, {count}{later})")


def read(reader: ElementReader) -> RateLimitByKey | None:
    calls = reader.setting("calls", INT, required=True)
    period = reader.setting("renewal-period", INT, required=True)
    key = reader.setting("counter-key", required=True)
    within(reader, calls, 1, MAX_CALLS)
    within(reader, period, 1, MAX_PERIOD_S)
    policy_id = reader.literal("id") or ""
    increment, names = read_increment(reader), read_names(reader)
    if not reader.finish() or calls is None or period is None or key is None:
        return None
    return RateLimitByKey(reader.span, policy_id, calls, period, key, increment, names)
