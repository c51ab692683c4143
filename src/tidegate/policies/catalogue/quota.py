"""`quota`: a subscription's calls and kilobytes in fixed windows, for all, for an API, for an operation.

Only calls with a subscription key count. Windows begin at `first-period-start` and every `renewal-period` after it;
0 is one window without an end. What was counted survives restarts of Envoy, of Tidegate and of the machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.per_subscription import Limits, read_limits
from tidegate.policies.catalogue.quota_by_key import (
    MAX_BANDWIDTH_KB,
    MAX_CALLS,
    MAX_PERIOD_S,
    check_period,
    read_first_start,
    require_limit,
)
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_value
from tidegate.policies.program_writer import ProgramWriter


@dataclass(frozen=True, slots=True)
class Quota(Statement):
    limits: Limits

    name: ClassVar[str] = "quota"

    def summary(self) -> str:
        units = {"calls": "calls", "bandwidth": "kB"}
        parts = [f"{self.limits[key]} {unit}" for key, unit in units.items() if self.limits.get(key) is not None]
        return f"quota: {' and '.join(parts)} in {self.limits['period']} s by subscription"

    def emit(self, out: ProgramWriter) -> None:
        out.keeps = True
        rules: Limits = {**self.limits, "scope": out.scope or None}
        out.lua.line(f"R.quota_subscription(q, {out.lua.constant(lua_value(rules))})")


def read(reader: ElementReader) -> Quota | None:
    limits = read_limits(reader, _limits)
    policy_id = reader.literal("id") or ""
    return Quota(reader.span, policy_id, limits) if reader.finish() else None


def _limits(reader: ElementReader) -> Limits:
    require_limit(reader)
    reader.attribute("renewal-period", required=True)
    period = reader.number("renewal-period", default=0, low=0, high=MAX_PERIOD_S)
    check_period(reader, period)
    limits: Limits = {"period": period, "first": read_first_start(reader)}
    for name, most in (("calls", MAX_CALLS), ("bandwidth", MAX_BANDWIDTH_KB)):
        if name in reader.element.attributes:
            limits[name] = reader.number(name, default=1, low=1, high=most)
    return limits
