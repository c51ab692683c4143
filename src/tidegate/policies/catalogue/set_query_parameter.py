"""`set-query-parameter`: set, extend or delete a parameter of the query that the backend gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.set_header import ACTIONS
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class SetQueryParameter(Statement):
    parameter: Setting
    action: Setting | str
    values: tuple[Setting, ...]

    name: ClassVar[str] = "set-query-parameter"

    def summary(self) -> str:
        how = self.action if isinstance(self.action, str) else self.action.shown
        values = f": {', '.join(v.shown for v in self.values)}" if self.values else ""
        return f"set-query-parameter {self.parameter.shown}{'' if how == 'override' else f' ({how})'}{values}"

    def emit(self, out: ProgramWriter) -> None:
        name = out.lua.local(self.parameter.emit(out.lua))
        action = lua_string(self.action) if isinstance(self.action, str) else out.lua.local(self.action.emit(out.lua))
        values = [out.lua.local(value.emit(out.lua)) for value in self.values]
        listed = ", ".join((f"n = {len(values)}", *values))
        out.lua.line(f"R.set_query(q, {name}, {action}, {{{listed}}})")


def read(reader: ElementReader) -> SetQueryParameter | None:
    parameter = reader.setting("name", required=True)
    action = reader.setting("exists-action")
    policy_id = reader.literal("id") or ""
    values = tuple(v for child in reader.children("value") if (v := child.text()) is not None)
    how: Setting | str = "override"
    if action is not None and action.expression is not None:
        how = action
    elif action is not None:
        how = reader.choice("exists-action", ACTIONS, default="override")
    if parameter is not None and parameter.literal == "":
        reader.error(codes.VALUE_UNEXPECTED, at=parameter.span, value="", expected="the name of a query parameter")
    reader.finish()
    if reader.ok and not values and how != "delete":
        reader.error(
            codes.CHILD_MISSING,
            at=reader.span,
            parent="set-query-parameter",
            expected="a `<value>`",
            help='to remove the parameter, write exists-action="delete"',
        )
    if reader.ok and values and how == "delete":
        reader.error(
            codes.CHILD_UNKNOWN,
            at=values[0].span,
            parent='set-query-parameter exists-action="delete"',
            name="value",
        )
    return SetQueryParameter(reader.span, policy_id, parameter, how, values) if reader.ok and parameter else None
