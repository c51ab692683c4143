"""`check-header`: a header must be there, and perhaps have one of some values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.headers import is_header_name
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import BOOL, INT
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class CheckHeader(Statement):
    header: Setting
    status: Setting
    message: Setting
    ignore_case: Setting
    values: tuple[Setting, ...]

    name: ClassVar[str] = "check-header"

    def summary(self) -> str:
        values = f" is one of {', '.join(v.shown for v in self.values)}" if self.values else " is there"
        return f"check-header {self.header.shown}{values}, else {self.status.shown}"

    def emit(self, out: ProgramWriter) -> None:
        named = (self.header, self.status, self.message, self.ignore_case)
        if all(each.expression is None for each in named):
            rules = out.lua.constant(self._rules([each.emit(out.lua) for each in named]))
        else:
            rules = out.lua.local(self._rules([out.lua.local(each.emit(out.lua)) for each in named]))
        out.lua.line(f"R.check_header(q, {rules}, {self._values(out)})")

    def _rules(self, texts: list[str]) -> str:
        header, status, message, ignore_case = texts
        literal = self.header.literal
        key = lua_string(literal.lower()) if isinstance(literal, str) else f"string.lower({header})"
        return f"{{name = {header}, key = {key}, status = {status}, message = {message}, ignore_case = {ignore_case}}}"

    def _values(self, out: ProgramWriter) -> str:
        if not self.values:
            return "nil"
        # Each is computed before the table is: a value may be null.
        if all(value.expression is None for value in self.values):
            listed = ", ".join(value.emit(out.lua) for value in self.values)
            return out.lua.constant(f"{{n = {len(self.values)}, {listed}}}")
        locals_ = [out.lua.local(value.emit(out.lua)) for value in self.values]
        return f"{{n = {len(self.values)}, {', '.join(f'({name})' for name in locals_)}}}"


def read(reader: ElementReader) -> CheckHeader | None:
    header = reader.setting("name", required=True)
    if header is not None and isinstance(header.literal, str) and not is_header_name(header.literal):
        reader.error(codes.HEADER_NAME, at=header.span, name=header.literal)
    status = reader.setting("failed-check-httpcode", INT, required=True)
    if status is not None and isinstance(status.literal, int) and not 400 <= status.literal <= 599:
        reader.error(codes.VALUE_UNEXPECTED, at=status.span, value=status.literal, expected="between 400 and 599")
    message = reader.setting("failed-check-error-message", required=True)
    ignore_case = reader.setting("ignore-case", BOOL, required=True)
    policy_id = reader.literal("id") or ""
    values = tuple(value for child in reader.children("value") if (value := child.text()) is not None)
    if not reader.finish() or header is None or status is None or message is None or ignore_case is None:
        return None
    return CheckHeader(reader.span, policy_id, header, status, message, ignore_case, values)
