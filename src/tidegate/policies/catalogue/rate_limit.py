"""`rate-limit`: at most so many calls of a subscription in a sliding window, for all, for an API, for an operation.

Only calls with a subscription key are limited, as in API Management. The policy, each `<api>` and each `<operation>`
count by themselves, and a call that one of them refuses counts under none. Counters are of the subscription and of the
scope that the policy stands in: the product, the API, the operation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.counting import MAX_CALLS, Names, read_names
from tidegate.policies.catalogue.per_subscription import Limits, read_limits
from tidegate.policies.catalogue.rate_limit_by_key import MAX_PERIOD_S
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_value
from tidegate.policies.program_writer import ProgramWriter


@dataclass(frozen=True, slots=True)
class RateLimit(Statement):
    limits: Limits
    names: Names

    name: ClassVar[str] = "rate-limit"

    @property
    def sets(self) -> tuple[str, ...]:
        return self.names.variables

    def summary(self) -> str:
        return f"rate-limit: {self.limits['calls']} calls in {self.limits['period']} s by subscription"

    def emit(self, out: ProgramWriter) -> None:
        self.names.prepare(out)
        rules: Limits = {**self.limits, **self.names.lua(), "scope": out.scope or None}
        out.lua.line(f"R.rate_limit_subscription(q, {out.lua.constant(lua_value(rules))})")


def read(reader: ElementReader) -> RateLimit | None:
    limits = read_limits(reader, _limits)
    policy_id, names = reader.literal("id") or "", read_names(reader)
    return RateLimit(reader.span, policy_id, limits, names) if reader.finish() else None


def _limits(reader: ElementReader) -> Limits:
    for name in ("calls", "renewal-period"):
        reader.attribute(name, required=True)
    return {
        "calls": reader.number("calls", default=1, low=1, high=MAX_CALLS),
        "period": reader.number("renewal-period", default=1, low=1, high=MAX_PERIOD_S),
    }
