"""`jsonp`: a JSON answer inside a call of the function that the query names. Source: the page "jsonp policy"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class Jsonp(Statement):
    parameter: Setting
    """The name of the query parameter that names the function."""

    name: ClassVar[str] = "jsonp"

    def summary(self) -> str:
        return f"jsonp by the query parameter {self.parameter.shown}"

    def emit(self, out: ProgramWriter) -> None:
        target = out.target
        out.keeps = True  # Policies may have changed the request's URL since.
        parameter = self.parameter.emit(out.lua)
        out.lua.line(f"R.jsonp(q, {target.body}, {parameter})")


def read(reader: ElementReader) -> Jsonp | None:
    policy_id = reader.literal("id") or ""
    parameter = reader.setting("callback-parameter-name", required=True)
    reader.finish()
    return Jsonp(reader.span, policy_id, parameter) if reader.ok and parameter is not None else None
