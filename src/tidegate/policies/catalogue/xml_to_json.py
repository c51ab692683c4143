"""`xml-to-json`: an XML body becomes JSON. Source: the page "xml-to-json policy"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import BOOL
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

_KINDS: Final = ("javascript-friendly", "direct")
_APPLY: Final = ("always", "content-type-xml")


@dataclass(frozen=True, slots=True)
class XmlToJson(Statement):
    kind: Setting
    apply: Setting
    accept: Setting | None
    """Whether the request's Accept header decides."""
    arrays: Setting | None
    """Whether every child element stands in an array."""

    name: ClassVar[str] = "xml-to-json"

    def summary(self) -> str:
        return f"xml-to-json, {self.kind.shown}, {self.apply.shown}"

    def emit(self, out: ProgramWriter) -> None:
        kind, apply = option(out, self.kind, "nil"), option(out, self.apply, "nil")
        accept, arrays = option(out, self.accept, "true"), option(out, self.arrays, "false")
        options = f"{{kind = {kind}, apply = {apply}, accept = {accept}, arrays = {arrays}}}"
        target = out.target
        out.lua.line(f"R.xml_to_json_body(q, {target.body}, {options})")


def option(out: ProgramWriter, setting: Setting | None, default: str) -> str:
    """The Lua of an attribute's value; what was computed is kept in a local, so that order stays."""
    if setting is None:
        return default
    value = setting.emit(out.lua)
    return value if setting.expression is None else out.lua.local(value)


def check_choice(reader: ElementReader, setting: Setting | None, allowed: tuple[str, ...]) -> None:
    """A literal must be one of these; an expression is checked when it has run."""
    if setting is None or setting.expression is not None or setting.literal in allowed:
        return
    value = str(setting.literal)
    reader.error(
        codes.VALUE_UNEXPECTED,
        at=setting.span,
        value=value,
        expected=f"one of {', '.join(allowed)}",
        help=did_you_mean_or_known(value, allowed),
    )


def read(reader: ElementReader) -> XmlToJson | None:
    policy_id = reader.literal("id") or ""
    kind = reader.setting("kind", required=True)
    apply = reader.setting("apply", required=True)
    accept = reader.setting("consider-accept-header", BOOL)
    arrays = reader.setting("always-array-child-elements", BOOL)
    reader.finish()
    check_choice(reader, kind, _KINDS)
    check_choice(reader, apply, _APPLY)
    if not reader.ok or kind is None or apply is None:
        return None
    return XmlToJson(reader.span, policy_id, kind, apply, accept, arrays)
