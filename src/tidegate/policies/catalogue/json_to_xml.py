"""`json-to-xml`: a JSON body becomes XML. Source: the page "json-to-xml policy"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.xml_to_json import check_choice, option
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import BOOL
from tidegate.policies.lua_text import lua_value
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

_APPLY: Final = ("always", "content-type-json")


@dataclass(frozen=True, slots=True)
class JsonToXml(Statement):
    apply: Setting
    accept: Setting | None
    """Whether the request's Accept header decides."""
    parse_date: bool
    separator: Setting | None
    namespace_prefix: Setting | None
    attribute_block: Setting | None

    name: ClassVar[str] = "json-to-xml"

    def summary(self) -> str:
        return f"json-to-xml, {self.apply.shown}"

    def emit(self, out: ProgramWriter) -> None:
        fields = (
            ("apply", option(out, self.apply, "nil")),
            ("accept", option(out, self.accept, "true")),
            ("dates", lua_value(self.parse_date)),
            ("separator", option(out, self.separator, "nil")),
            ("namespace_prefix", option(out, self.namespace_prefix, "nil")),
            ("attribute_block", option(out, self.attribute_block, "nil")),
        )
        options = ", ".join(f"{name} = {value}" for name, value in fields if value != "nil")
        target = out.target
        out.lua.line(f"R.json_to_xml(q, {target.body}, {{{options}}})")


def read(reader: ElementReader) -> JsonToXml | None:
    policy_id = reader.literal("id") or ""
    apply = reader.setting("apply", required=True)
    accept = reader.setting("consider-accept-header", BOOL)
    parse_date = reader.flag("parse-date", default=True)
    separator = reader.setting("namespace-separator")
    namespace_prefix = reader.setting("namespace-prefix")
    attribute_block = reader.setting("attribute-block-name")
    reader.finish()
    check_choice(reader, apply, _APPLY)
    if not reader.ok or apply is None:
        return None
    return JsonToXml(reader.span, policy_id, apply, accept, parse_date, separator, namespace_prefix, attribute_block)
