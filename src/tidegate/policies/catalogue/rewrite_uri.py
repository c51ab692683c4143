"""`rewrite-uri`: another path and query below the backend's URL. `{name}` stands for a parameter of the operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics.codes import destinations as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_value
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class RewriteUri(Statement):
    template: Setting
    copies_unmatched: bool

    name: ClassVar[str] = "rewrite-uri"

    def summary(self) -> str:
        return f"rewrite-uri {self.template.shown}" + ("" if self.copies_unmatched else ", without other parameters")

    def emit(self, out: ProgramWriter) -> None:
        computed = self.template.expression is not None
        template = self.template.emit(out.lua)
        out.lua.line(f"R.rewrite(q, {template}, {lua_value(self.copies_unmatched)}, {lua_value(computed)})")


def read(reader: ElementReader) -> RewriteUri | None:
    template = reader.setting("template", required=True)
    copies = reader.flag("copy-unmatched-params", default=True)
    policy_id = reader.literal("id") or ""
    if template is not None and isinstance(template.literal, str):
        text = template.literal.strip()
        reason = ""
        if "://" in text.partition("?")[0]:
            reason = "it is a whole URL; the host is set-backend-service's"
        elif "#" in text:
            reason = "a fragment is never sent"
        elif any(character <= " " for character in text):
            reason = "it holds spaces or control characters"
        if reason:
            reader.error(codes.TEMPLATE_MALFORMED, at=template.span, template=template.shown, reason=reason)
    return RewriteUri(reader.span, policy_id, template, copies) if reader.finish() and template is not None else None
