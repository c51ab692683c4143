"""`rate-limit-by-key`: at most so many calls in a sliding window, counted by a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.headers import is_header_name
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import INT
from tidegate.policies.lua_text import lua_value
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

MAX_PERIOD_S: Final = 300
MAX_CALLS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class RateLimitByKey(Statement):
    calls: Setting
    period_s: Setting
    key: Setting
    count: Setting | None
    retry_header: str
    retry_variable: str | None
    remaining_header: str | None
    remaining_variable: str | None
    total_header: str | None

    name: ClassVar[str] = "rate-limit-by-key"

    @property
    def sets(self) -> tuple[str, ...]:
        return tuple(v for v in (self.retry_variable, self.remaining_variable) if v)

    def summary(self) -> str:
        return f"rate-limit-by-key: {self.calls.shown} calls in {self.period_s.shown} s by {self.key.shown}"

    def emit(self, out: ProgramWriter) -> None:
        rules = out.lua.constant(
            lua_value(
                {
                    "retry_header": self.retry_header.lower(),
                    "retry_variable": self.retry_variable,
                    "remaining_header": self.remaining_header,
                    "remaining_variable": self.remaining_variable,
                    "total_header": self.total_header,
                }
            )
        )
        if self.sets:
            out.lua.reads_table = True  # The runtime function sets them there.
        if self.remaining_header or self.total_header:
            out.changes_every_response = True
        settings = [s for s in (self.key, self.calls, self.period_s, self.count) if s]
        # In locals, so that expressions run in the order of the attributes' meaning, each once.
        values = [s.emit(out.lua) if s.expression is None else out.lua.local(s.emit(out.lua)) for s in settings]
        if self.count is None:
            values.append("1")
        out.lua.line(f"R.rate_limit(q, {rules}, {', '.join(values)})")


def read(reader: ElementReader) -> RateLimitByKey | None:
    reader.unsupported("increment-condition", help="remove it: every request is counted when it comes")
    calls = reader.setting("calls", INT, required=True)
    period = reader.setting("renewal-period", INT, required=True)
    key = reader.setting("counter-key", required=True)
    count = reader.setting("increment-count", INT)
    _within(reader, calls, 1, MAX_CALLS)
    _within(reader, period, 1, MAX_PERIOD_S)
    _within(reader, count, 0, MAX_CALLS)
    policy_id = reader.literal("id") or ""
    retry = _header(reader, "retry-after-header-name")
    remaining, total = _header(reader, "remaining-calls-header-name"), _header(reader, "total-calls-header-name")
    retry_variable, remaining_variable = (
        reader.literal("retry-after-variable-name"),
        reader.literal("remaining-calls-variable-name"),
    )
    if not reader.finish() or calls is None or period is None or key is None:
        return None
    return RateLimitByKey(
        span=reader.span,
        policy_id=policy_id,
        calls=calls,
        period_s=period,
        key=key,
        count=count,
        retry_header=retry or "Retry-After",
        retry_variable=retry_variable,
        remaining_header=remaining,
        remaining_variable=remaining_variable,
        total_header=total,
    )


def _within(reader: ElementReader, setting: Setting | None, low: int, high: int) -> None:
    if setting and isinstance(setting.literal, int) and not low <= setting.literal <= high:
        reader.error(
            codes.VALUE_UNEXPECTED, at=setting.span, value=setting.literal, expected=f"between {low} and {high}"
        )


def _header(reader: ElementReader, attribute: str) -> str | None:
    name = reader.literal(attribute)
    if name is not None and not is_header_name(name):
        reader.error(codes.HEADER_NAME, at=reader.element.attributes[attribute].span, name=name)
    return name
