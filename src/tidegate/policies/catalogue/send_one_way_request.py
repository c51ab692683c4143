"""`send-one-way-request`: a call that nobody waits for. Whatever becomes of it, the request goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.send_request import Call, read_call
from tidegate.policies.document import Statement
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class SendOneWayRequest(Statement):
    copies: bool
    url: Setting | None
    timeout_s: Setting | int
    children: tuple[Statement, ...]

    name: ClassVar[str] = "send-one-way-request"

    @property
    def sets(self) -> tuple[str, ...]:
        return tuple(name for child in self.children for name in child.sets)

    def summary(self) -> str:
        return f"send-one-way-request: {Call(self.copies, self.url, self.timeout_s, self.children).summary()}"

    def emit(self, out: ProgramWriter) -> None:
        out.calls = True
        made = Call(self.copies, self.url, self.timeout_s, self.children)
        call = made.emit(out)
        out.lua.line(f"R.call_one_way(q, {call}, {made.emit_timeout(out)})")


def read(reader: ElementReader) -> SendOneWayRequest | None:
    call = read_call(reader)
    if not reader.finish() or call is None:
        return None
    return SendOneWayRequest(
        reader.span, reader.literal("id") or "", call.copies, call.url, call.timeout_s, call.children
    )
