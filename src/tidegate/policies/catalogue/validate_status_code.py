"""`validate-status-code`: statuses of responses that the API's specification does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.validating import Validation, action, action_table, named_actions
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class ValidateStatusCode(Validation):
    unspecified: Setting
    named: tuple[tuple[str, Setting], ...]

    name: ClassVar[str] = "validate-status-code"

    @property
    def settings(self) -> Iterator[Setting]:
        yield from (self.unspecified, *(setting for _, setting in self.named))

    def summary(self) -> str:
        return f"validate-status-code: unspecified {self.unspecified.shown}"

    def emit(self, out: ProgramWriter) -> None:
        out.needs.add("responses")
        text = self.unspecified.emit(out.lua)
        named = action_table(self.named, out)
        out.lua.line(f"R.validate_status_code(q, {text}, {named}, {self.kept_in(out)})")


def read(reader: ElementReader) -> ValidateStatusCode | None:
    unspecified = action(reader, "unspecified-status-code-action")
    variable = reader.literal("errors-variable-name") or ""
    policy_id = reader.literal("id") or ""
    named = named_actions(reader, "status-code", attribute="code")
    for code, setting in named:
        if not (code.isdigit() and 100 <= int(code) <= 599):
            reader.error(codes.VALUE_UNEXPECTED, at=setting.span, value=code, expected="a status code")
    if not reader.finish() or unspecified is None:
        return None
    return ValidateStatusCode(reader.span, policy_id, variable, unspecified, named)
