"""`set-header`: set, extend or delete a header of the request (inbound, backend) or response (outbound, on-error)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.policies.catalogue.headers import RESERVED, SEPARATE_LINES, UNTOUCHABLE, has_control, is_header_name
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

ACTIONS: Final = ("override", "append", "skip", "delete")

MANY: Final = 20
"""Values beyond these are kept in a table: Lua bounds a function's locals."""


@dataclass(frozen=True, slots=True)
class SetHeader(Statement):
    header: Setting
    action: Setting | str
    """An expression, or one of ACTIONS."""
    values: tuple[Setting, ...]

    name: ClassVar[str] = "set-header"

    @property
    def is_computed(self) -> bool:
        """Whether the name or what happens to it is known only when the policy runs."""
        return self.header.expression is not None or isinstance(self.action, Setting)

    def summary(self) -> str:
        action = self.action.shown if isinstance(self.action, Setting) else self.action
        how = "" if action == "override" else f" ({action})"
        values = f": {', '.join(v.shown for v in self.values)}" if self.values else ""
        return f"set-header {self.header.shown}{how}{values}"

    def emit(self, out: ProgramWriter) -> None:
        if self.is_computed:
            self._computed(out)
            return
        name = str(self.header.literal).lower()
        quoted, message = lua_string(name), out.message
        if out.changes_request and self.action in ("override", "delete"):
            out.trust(name)
        if out.changes_request and name == "origin":
            out.changes_origin = True
        if name == "host" and out.changes_request:
            value = "nil" if self.action == "delete" else self._value(out, name, lines=False)
            out.lua.line(f"R.set_host(q, {lua_string(str(self.action))}, {value})")
        elif self.action == "delete":
            out.lua.line(f"{message}:remove({quoted})")
        elif self.action == "skip":
            with out.lua.block(f"if {message}:get({quoted}) == nil then"):
                self._set(out, message, name)
        elif self.action == "append":
            function = "append_lines" if name in SEPARATE_LINES else "append"
            value = self._value(out, name)
            out.lua.line(f"R.{function}({message}, {quoted}, {value})")
        else:
            self._set(out, message, name)

    def _computed(self, out: ProgramWriter) -> None:
        if out.changes_request:
            out.trusts_computed = out.changes_origin = True
        name = out.lua.local(self.header.emit(out.lua))
        action = self.action.emit(out.lua) if isinstance(self.action, Setting) else lua_string(self.action)
        held = out.lua.local(action) if isinstance(self.action, Setting) else action
        lines = self._listed(out)
        out.lua.line(f"R.set_header(q, {out.message}, {name}, {held}, {lines})")

    def _set(self, out: ProgramWriter, message: str, name: str) -> None:
        quoted = lua_string(name)
        if len(self.values) > 1 and name in SEPARATE_LINES:
            value = self._value(out, name)
            out.lua.line(f"R.set_lines({message}, {quoted}, {value})")
        elif all(value.expression is None for value in self.values):
            out.lua.line(f"{message}:replace({quoted}, {self._value(out, name, lines=False)})")
        else:
            value = self._value(out, name, lines=False)
            out.lua.line(f"R.set({message}, {quoted}, {value})")

    def _value(self, out: ProgramWriter, name: str, *, lines: bool = True) -> str:
        """All values as one text, or as lines where they may not be joined."""
        if lines and name in SEPARATE_LINES and len(self.values) > MANY:
            return self._listed(out)
        if lines and name in SEPARATE_LINES:
            listed = ", ".join(f"({_text(v, out)})" for v in self.values)
            return f"{{n = {len(self.values)}, {listed}}}"
        if len(self.values) == 1:
            return self.values[0].emit(out.lua)
        if all(value.expression is None for value in self.values):
            return lua_string(",".join(str(value.literal) for value in self.values))
        if len(self.values) > MANY:
            return f'R.join(",", {self._listed(out)})'
        parts = [out.lua.local(_text(v, out)) if v.expression else _text(v, out) for v in self.values]
        return ' .. "," .. '.join(parts)

    def _listed(self, out: ProgramWriter) -> str:
        """The Lua local of a table of all values."""
        table = out.lua.local(f"{{n = {len(self.values)}}}")
        for number, value in enumerate(self.values, 1):
            with out.lua.block("do"):
                out.lua.line(f"{table}[{number}] = {_text(value, out)}")
        return table


def _text(value: Setting, out: ProgramWriter) -> str:
    text = value.emit(out.lua)
    return f'({text} or "")' if value.may_be_null else text


def read(reader: ElementReader) -> SetHeader | None:
    header = reader.setting("name", required=True)
    action = _action(reader)
    policy_id = reader.literal("id") or ""
    values = tuple(v for child in reader.children("value") if (v := child.text()) is not None)
    if header is not None and isinstance(header.literal, str):
        _check_name(reader, header.literal, action)
    for value in values:
        if isinstance(value.literal, str) and has_control(value.literal):
            reader.error(codes.HEADER_VALUE, at=value.span)
    reader.finish()
    if reader.ok and not values and action != "delete" and isinstance(action, str):
        reader.error(
            codes.CHILD_MISSING,
            at=reader.span,
            parent="set-header",
            expected="a `<value>`",
            help='to remove the header, write exists-action="delete"',
        )
    if reader.ok and values and action == "delete":
        reader.error(codes.CHILD_UNKNOWN, at=values[0].span, parent='set-header exists-action="delete"', name="value")
    if not reader.ok or header is None or action is None:
        return None
    return SetHeader(reader.span, policy_id, header, action, values)


def _action(reader: ElementReader) -> Setting | str | None:
    """The attribute `exists-action`."""
    setting = reader.setting("exists-action")
    if setting is None:
        return "override" if "exists-action" not in reader.element.attributes else None
    if setting.expression is not None:
        return setting
    if setting.literal not in ACTIONS:
        reader.error(
            codes.VALUE_UNEXPECTED,
            at=setting.span,
            value=setting.literal,
            expected=f"one of {', '.join(ACTIONS)}",
            help=did_you_mean_or_known(str(setting.literal), ACTIONS),
        )
        return None
    return str(setting.literal)


def _check_name(reader: ElementReader, header: str, action: Setting | str | None) -> None:
    at, lower = reader.element.attributes["name"].span, header.lower()
    if not is_header_name(header):
        reader.error(codes.HEADER_NAME, at=at, name=header)
    elif lower in UNTOUCHABLE or (lower == "server" and action == "delete"):
        reader.error(codes.HEADER_UNTOUCHABLE, at=at, name=header, label="it belongs to the message's framing")
    elif lower in RESERVED or lower.startswith(("x-envoy-", "x-tidegate-")):
        reader.error(codes.HEADER_UNTOUCHABLE, at=at, name=header, label="the gateway sets it itself")
