"""`set-status`: the status code of the response. Envoy sends the standard reason phrase of the code, no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import INT
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class SetStatus(Statement):
    code: Setting
    reason: Setting | None

    name: ClassVar[str] = "set-status"

    def summary(self) -> str:
        return f"set-status {self.code.shown}" + (f" {self.reason.shown}" if self.reason else "")

    def emit(self, out: ProgramWriter) -> None:
        # In the backend section it is the response that the policies have called for, if there is one yet.
        headers = "q.response" if out.section == "backend" and out.changes_request else out.message
        code = self.code.emit(out.lua)
        if self.reason is None:
            out.lua.line(f"R.set_status(q, {headers}, {code})")
        else:
            held = out.lua.local(code) if self.code.expression else code
            out.lua.line(f"R.set_status(q, {headers}, {held}, {self.reason.emit(out.lua)})")


def read(reader: ElementReader) -> SetStatus | None:
    code = reader.setting("code", INT, required=True)
    if code is not None and isinstance(code.literal, int) and not 200 <= code.literal <= 599:
        # Envoy would take a code below 200 for an interim response.
        reader.error(codes.VALUE_UNEXPECTED, at=code.span, value=code.literal, expected="between 200 and 599")
    reason = reader.setting("reason")
    policy_id = reader.literal("id") or ""
    if not reader.finish() or code is None:
        return None
    return SetStatus(reader.span, policy_id, code, reason)
