"""`set-body`: the body of the request (inbound, backend), of the response (outbound, on-error), or of the message that
`return-response` and `send-request` make: a text, an expression, or a Liquid template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import liquid as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import OBJECT, STRING, Type
from tidegate.policies.liquid import ContextUse, Template, read_template
from tidegate.policies.lua_text import lua_value
from tidegate.policies.named_values import substitute
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting, read_setting
from tidegate.sources.fence import Fence
from tidegate.sources.placed import Placed, place
from tidegate.sources.source import Source
from tidegate.sources.xml import Expression, Text, Value

_XSI_NIL: Final = ("blank", "null")


@dataclass(frozen=True, slots=True)
class SetBody(Statement):
    text: Setting

    name: ClassVar[str] = "set-body"

    def summary(self) -> str:
        return f"set-body {self.text.shown}"

    def emit(self, out: ProgramWriter) -> None:
        body = out.target.body
        out.lua.line(f"R.set_body(q, {body}, {self.text.emit(out.lua)})")


@dataclass(frozen=True, slots=True)
class SetBodyByTemplate(Statement):
    template: Template
    nil_is_null: bool
    parse_date: bool
    bound: tuple[Setting, ...]
    """What the template asks of `context`, in the order of `Template.context`."""

    name: ClassVar[str] = "set-body"

    def summary(self) -> str:
        return "set-body by a Liquid template"

    def emit(self, out: ProgramWriter) -> None:
        lua, target = out.lua, out.target
        values = [lua.local(setting.emit(lua)) for setting in self.bound]
        template = lua.constant(self.template.lua)
        options = lua.constant(lua_value({"nil_is_null": self.nil_is_null, "dates": self.parse_date}))
        made = f"R.liquid_body(q, {target.body}, {template}, {{{', '.join(values)}}}, {options})"
        lua.line(f"R.set_body(q, {target.body}, {made})")


def read(reader: ElementReader) -> SetBody | SetBodyByTemplate | None:
    policy_id = reader.literal("id") or ""
    template = reader.choice("template", ("liquid", "none"), default="none")
    nil_is_null = reader.choice("xsi-nil", _XSI_NIL, default="blank") == "null"
    parse_date = reader.flag("parse-date", default=True)
    for child in reader.element:
        # Elements inside are the body's, not the policy's.
        for _ in reader.children(child.name):
            pass
    reader.finish(text=True)
    if template == "liquid":
        return _by_template(reader, policy_id, nil_is_null=nil_is_null, parse_date=parse_date)
    for name in ("xsi-nil", "parse-date"):
        if name in reader.element.attributes:
            at = reader.element.attributes[name].name_span
            reader.error(codes.ATTRIBUTE, at=at, name=name)
    text = _read(reader, _text(reader), STRING)
    return SetBody(reader.span, policy_id, text) if reader.ok and text is not None else None


def _text(reader: ElementReader) -> Value:
    """The body as a value. Markup is text as it was written."""
    element = reader.element
    if any(True for _ in element):
        return (Text(element.inner),)
    return element.value


def _read(reader: ElementReader, value: Value, wanted: Type) -> Setting | None:
    setting = read_setting(
        value,
        span=reader.element.span,
        wanted=wanted,
        section=reader.section,
        named_values=reader.named_values,
        found=reader.found,
    )
    reader.ok = reader.ok and setting is not None
    return setting


def _by_template(
    reader: ElementReader, policy_id: str, *, nil_is_null: bool, parse_date: bool
) -> SetBodyByTemplate | None:
    written = substitute(_template_text(reader), reader.named_values, found=reader.found, is_template=True)
    template = read_template(written, found=reader.found) if written else None
    if template is None:
        reader.ok = False
        return None
    bound = tuple(s for use in template.context if (s := _read(reader, _code(use), OBJECT)) is not None)
    if not reader.ok:
        return None
    return SetBodyByTemplate(reader.span, policy_id, template, nil_is_null, parse_date, bound)


def _template_text(reader: ElementReader) -> Placed:
    """What stands between the tags: markup as written, a text with its entities decoded."""
    element = reader.element
    start, end = element.between
    stripped = element.inner.text.strip()
    if stripped.startswith("<![CDATA[") and stripped.endswith("]]>") and stripped.count("]]>") == 1:
        start = element.source.text.index("<![CDATA[", start) + len("<![CDATA[")
        return place(element.source, start, element.source.text.rindex("]]>", start, end), entities=False)
    markup = any(True for _ in element)
    return place(element.source, start, end, entities=not markup)


def _code(use: ContextUse) -> Value:
    """The C# that a template's path means, at the place of the path."""
    source = Source(use.span.file, use.code, within=use.span)
    code = Placed(use.code, source, ((0, 0),))
    return (Expression(Fence("(", 0, len(use.code), code)),)
