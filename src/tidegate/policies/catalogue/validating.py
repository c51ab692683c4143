"""What the policies that check messages against the API's specification share: actions, and who needs what of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

ACTIONS: Final = ("ignore", "prevent", "detect")


@dataclass(frozen=True, slots=True)
class Validation(Statement):
    """A statement that may leave its findings in a variable."""

    variable: str
    """"" for none."""

    @property
    def sets(self) -> tuple[str, ...]:
        return (self.variable,) if self.variable else ()

    def kept_in(self, out: ProgramWriter) -> str:
        """The variable as the runtime's argument. It writes it itself, before it ends the request."""
        if not self.variable:
            return "nil"
        out.lua.known.pop(self.variable, None)
        return lua_string(self.variable)


def action(reader: ElementReader, name: str, *, required: bool = True) -> Setting | None:
    """An attribute that says what is done about a finding; it may be an expression."""
    setting = reader.setting(name, required=required)
    if setting is not None and setting.expression is None and str(setting.literal) not in ACTIONS:
        expected = f"one of {', '.join(ACTIONS)}"
        reader.error(codes.VALUE_UNEXPECTED, at=setting.span, value=setting.shown, expected=expected)
    return setting


def literal_action(reader: ElementReader, name: str) -> str:
    """The same where expressions are not allowed."""
    reader.attribute(name, required=True)
    return reader.choice(name, ACTIONS, default="prevent")


def named_actions(reader: ElementReader, child: str, *, attribute: str = "name") -> tuple[tuple[str, Setting], ...]:
    """`<child name="..." action="..."/>`, each name in lower case."""
    found: list[tuple[str, Setting]] = []
    for each in reader.children(child):
        name, chosen = each.literal(attribute, required=True), action(each, "action")
        if each.finish() and name is not None and chosen is not None:
            found.append((name, chosen))
    return tuple(found)


def action_table(named: tuple[tuple[str, Setting], ...], out: ProgramWriter, *, lower: bool = True) -> str:
    """Actions by name, as a Lua table."""
    fields = [f"[{lua_string(name.lower() if lower else name)}] = {_computed(setting, out)}" for name, setting in named]
    return f"{{{', '.join(fields)}}}"


def _computed(setting: Setting, out: ProgramWriter) -> str:
    text = setting.emit(out.lua)
    return f'({text} or "")' if setting.may_be_null else text
