"""`retry`: its content runs once, and again while the condition holds and the count is not used up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Block, Statement
from tidegate.policies.expressions.types import BOOL, INT
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

MAX_COUNT: Final = 50
MAX_WAIT_S: Final = 300
"""Of one pause. Longer ones are cut: whoever waits for the answer has gone."""


@dataclass(frozen=True, slots=True)
class Retry(Statement):
    condition: Setting
    count: Setting
    interval_s: Setting
    max_interval_s: Setting | None
    delta_s: Setting | None
    first_fast: Setting | None
    content: Block

    name: ClassVar[str] = "retry"

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (self.content,)

    @property
    def ends(self) -> bool:
        return self.content.ends

    def summary(self) -> str:
        return f"retry: {self.count.shown} times while {self.condition.shown}, after {self.interval_s.shown} s"

    def emit(self, out: ProgramWriter) -> None:
        lua, own = out.lua, out.step
        out.calls = True  # Pauses are calls to egress.
        count = lua.local(f"R.retry_count({self.count.emit(lua)})")
        pause = (self.interval_s, self.max_interval_s, self.delta_s, self.first_fast)
        # In locals: each expression is worked out once, when the policy is met.
        waits = [lua.local(each.emit(lua)) if each and each.expression else _literal(each, out) for each in pause]
        runs = lua.local("0")
        with lua.block("while true do"):
            with out.loop(self.content):
                out.block(self.content, tail=False)
            out.step_again(own)
            lua.line(f"if {runs} >= {count} then break end")
            condition = self.condition.emit(lua)
            lua.line(f"if not {condition} then break end")
            lua.line(f"{runs} = {runs} + 1")
            lua.line(f"R.retry_wait(q, {runs}, {', '.join(waits)})")


def _literal(setting: Setting | None, out: ProgramWriter) -> str:
    return setting.emit(out.lua) if setting else "nil"


def read(reader: ElementReader) -> Retry | None:
    condition = reader.setting("condition", BOOL, required=True)
    count = reader.setting("count", INT, required=True)
    interval = reader.setting("interval", INT, required=True)
    longest, delta = reader.setting("max-interval", INT), reader.setting("delta", INT)
    first_fast = reader.setting("first-fast-retry", BOOL)
    policy_id = reader.literal("id") or ""
    _within(reader, count, 1, MAX_COUNT)
    for each in (interval, longest, delta):
        _within(reader, each, 0, 86_400)
    content = reader.block()
    if reader.ok and not content.statements:
        reader.error(codes.CHILD_MISSING, at=reader.span, parent="retry", expected="a policy")
    if not reader.finish() or condition is None or count is None or interval is None:
        return None
    return Retry(reader.span, policy_id, condition, count, interval, longest, delta, first_fast, content)


def _within(reader: ElementReader, setting: Setting | None, low: int, high: int) -> None:
    if setting and isinstance(setting.literal, int) and not low <= setting.literal <= high:
        reader.error(
            codes.VALUE_UNEXPECTED, at=setting.span, value=setting.literal, expected=f"between {low} and {high}"
        )
