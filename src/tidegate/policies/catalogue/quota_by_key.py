"""`quota-by-key`: calls and kilobytes in fixed windows, counted by a key.

A request counts once under a key, however many policies name it with the same period. Windows begin at
`first-period-start` and every `renewal-period` after it (300 s at least; 0 is one window without an end). Kilobytes are
1024 bytes of bodies: the request's by its Content-Length (one that comes in chunks counts nothing), the response's as
it passes; what is under way when they are used up still passes. With `up --valkey` all machines count together. What
was counted survives restarts of Envoy, of Tidegate and of the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.counting import Increment, read_increment, values, within
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import INT
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

MAX_CALLS: Final = 2**31 - 1
MAX_BANDWIDTH_KB: Final = 2**31 - 1
MIN_PERIOD_S: Final = 300
MAX_PERIOD_S: Final = 2**31 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DEFAULT_START: Final = "0001-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class QuotaByKey(Statement):
    key: Setting
    calls: Setting | None
    bandwidth_kb: Setting | None
    period_s: Setting
    first_start: int
    """Seconds since 1970."""
    increment: Increment

    name: ClassVar[str] = "quota-by-key"

    @property
    def settings(self) -> Iterator[Setting]:
        all_settings = (self.key, self.calls, self.bandwidth_kb, self.period_s, *self.increment.settings)
        yield from (setting for setting in all_settings if setting)

    def summary(self) -> str:
        calls = f"{self.calls.shown} calls" if self.calls else ""
        bandwidth = f"{self.bandwidth_kb.shown} kB" if self.bandwidth_kb else ""
        limits = " and ".join(part for part in (calls, bandwidth) if part)
        return f"quota-by-key: {limits} in {self.period_s.shown} s by {self.key.shown}"

    def emit(self, out: ProgramWriter) -> None:
        if self.bandwidth_kb:
            out.keeps = True  # The response's kilobytes are counted under this request's key.
        arguments = values((self.key, self.calls, self.bandwidth_kb, self.period_s), out)
        count, late = self.increment.emit(out)
        later = "" if late == "nil" else f", {late}"
        out.lua.line(f"R.quota_by_key(q, {', '.join(arguments)}, {self.first_start}, {count}{later})")


def read(reader: ElementReader) -> QuotaByKey | None:
    key = reader.setting("counter-key", required=True)
    require_limit(reader)
    calls, bandwidth = reader.setting("calls", INT), reader.setting("bandwidth", INT)
    period = reader.setting("renewal-period", INT, required=True)
    within(reader, calls, 1, MAX_CALLS)
    within(reader, bandwidth, 1, MAX_BANDWIDTH_KB)
    within(reader, period, 0, MAX_PERIOD_S)
    if period and isinstance(period.literal, int):
        check_period(reader, period.literal)
    first, increment = read_first_start(reader), read_increment(reader)
    policy_id = reader.literal("id") or ""
    if not reader.finish() or key is None or period is None:
        return None
    return QuotaByKey(reader.span, policy_id, key, calls, bandwidth, period, first, increment)


def require_limit(reader: ElementReader) -> None:
    """A quota without calls and bandwidth would limit nothing."""
    if not {"calls", "bandwidth"} & set(reader.element.attributes):
        reader.error(
            codes.ATTRIBUTE_MISSING,
            at=reader.span,
            element=reader.name,
            name="calls",
            help="a quota is of `calls`, of `bandwidth` (kB), or of both",
        )


def check_period(reader: ElementReader, period: int) -> None:
    """The shortest window of API Management; 0 is one that never ends."""
    if 0 < period < MIN_PERIOD_S:
        reader.error(
            codes.VALUE_UNEXPECTED,
            at=reader.element.attributes["renewal-period"].span,
            value=period,
            expected=f"0, for a window that never ends, or at least {MIN_PERIOD_S}",
        )


def read_first_start(reader: ElementReader) -> int:
    """`first-period-start` in seconds since 1970. Its default is that of .NET's DateTime."""
    text = reader.literal("first-period-start")
    try:
        start = datetime.fromisoformat(text or _DEFAULT_START)
    except ValueError:
        reader.error(
            codes.VALUE_UNEXPECTED,
            at=reader.element.attributes["first-period-start"].span,
            value=text,
            expected="a time such as 2026-01-01T00:00:00Z",
        )
        return 0
    # API Management's times are UTC where they do not say otherwise.
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    return int((start - _EPOCH).total_seconds())
