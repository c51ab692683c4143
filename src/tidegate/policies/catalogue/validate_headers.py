"""`validate-headers`: the headers of a response against the API's specification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.validating import Validation, action, action_table, named_actions
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class ValidateHeaders(Validation):
    specified: Setting
    unspecified: Setting
    named: tuple[tuple[str, Setting], ...]

    name: ClassVar[str] = "validate-headers"

    @property
    def settings(self) -> Iterator[Setting]:
        yield from (self.specified, self.unspecified, *(setting for _, setting in self.named))

    def summary(self) -> str:
        return f"validate-headers: specified {self.specified.shown}, unspecified {self.unspecified.shown}"

    def emit(self, out: ProgramWriter) -> None:
        out.needs.add("responses")
        specified, unspecified = (
            f'({setting.emit(out.lua)} or "")' if setting.may_be_null else setting.emit(out.lua)
            for setting in (self.specified, self.unspecified)
        )
        named = action_table(self.named, out)
        table = f"{{specified = {specified}, unspecified = {unspecified}, named = {named}}}"
        out.lua.line(f"R.validate_headers(q, {table}, {self.kept_in(out)})")


def read(reader: ElementReader) -> ValidateHeaders | None:
    specified, unspecified = action(reader, "specified-header-action"), action(reader, "unspecified-header-action")
    variable = reader.literal("errors-variable-name") or ""
    policy_id = reader.literal("id") or ""
    named = named_actions(reader, "header")
    if not reader.finish() or specified is None or unspecified is None:
        return None
    return ValidateHeaders(reader.span, policy_id, variable, specified, unspecified, named)
