"""`find-and-replace`: every place of a text in the body gets another text. Plain text, upper and lower case apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class FindAndReplace(Statement):
    wanted: Setting
    replacement: Setting

    name: ClassVar[str] = "find-and-replace"

    def summary(self) -> str:
        return f"find-and-replace {self.wanted.shown} by {self.replacement.shown}"

    def emit(self, out: ProgramWriter) -> None:
        wanted = out.lua.local(self.wanted.emit(out.lua))
        out.lua.line(f"R.find_and_replace(q, {out.target.body}, {wanted}, {self.replacement.emit(out.lua)})")


def read(reader: ElementReader) -> FindAndReplace | None:
    policy_id = reader.literal("id") or ""
    wanted = reader.setting("from", required=True)
    replacement = reader.setting("to", required=True)
    reader.finish()
    if wanted is not None and wanted.literal == "":
        reader.error(codes.VALUE_UNEXPECTED, at=wanted.span, value="", expected="a text to look for")
    if not reader.ok or wanted is None or replacement is None:
        return None
    return FindAndReplace(reader.span, policy_id, wanted, replacement)
