"""`set-variable`: a value under a name, for expressions that follow. It keeps the type that its expression has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import OBJECT, STRING
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class SetVariable(Statement):
    variable: str
    value: Setting

    name: ClassVar[str] = "set-variable"

    @property
    def sets(self) -> tuple[str, ...]:
        return (self.variable,)

    def summary(self) -> str:
        return f"set-variable {self.variable}: {self.value.shown}"

    def emit(self, out: ProgramWriter) -> None:
        value, expression = self.value.emit(out.lua), self.value.expression
        type_ = expression.tree.type if expression else STRING
        out.set_variable(self.variable, value, type_, nullable=self.value.may_be_null)


def read(reader: ElementReader) -> SetVariable | None:
    variable = reader.literal("name", required=True)
    # A literal is a string, whatever it looks like.
    value = reader.setting("value", OBJECT, required=True)
    policy_id = reader.literal("id") or ""
    if not reader.finish() or variable is None or value is None:
        return None
    return SetVariable(reader.span, policy_id, variable, value)
