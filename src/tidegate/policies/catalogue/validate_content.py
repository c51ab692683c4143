"""`validate-content`: the size of a body, and its content against the schema of the API's specification. JSON only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.validating import Validation, literal_action
from tidegate.policies.expressions.types import BOOL
from tidegate.policies.lua_text import LuaValue, lua_value
from tidegate.policies.program_writer import RESPONSE_SECTIONS, ProgramWriter
from tidegate.policies.settings import Setting

MAX_SIZE: Final = 102_400
"""Bytes; API Management's own limit."""


@dataclass(frozen=True, slots=True)
class Content:
    """One `<content>`."""

    media: str | None
    action: str
    more: bool | None
    """allow-additional-properties."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """One `<type>` of the map."""

    to: str
    media: str | None
    when: Setting | None


@dataclass(frozen=True, slots=True)
class ValidateContent(Validation):
    unspecified: str
    too_large: str
    limit: int
    any_media: str | None
    missing_media: str | None
    types: tuple[Mapped, ...]
    contents: tuple[Content, ...]

    name: ClassVar[str] = "validate-content"

    @property
    def settings(self) -> Iterator[Setting]:
        return (each.when for each in self.types if each.when is not None)

    def summary(self) -> str:
        listed = ", ".join(f"{each.media or 'any type'} ({each.action})" for each in self.contents)
        return f"validate-content: {listed or 'no content'}; at most {self.limit} bytes ({self.too_large})"

    def emit(self, out: ProgramWriter) -> None:
        response = out.section in RESPONSE_SECTIONS
        out.needs.add("responses" if response else "request")
        self.kept_in(out)
        rules: dict[str, LuaValue] = {
            "response": response,
            "unspecified": self.unspecified,
            "too_large": self.too_large,
            "limit": self.limit,
            "variable": self.variable or None,
            "any": self.any_media,
            "missing": self.missing_media,
            "types": [{"from": each.media, "to": each.to} for each in self.types] or None,
            "contents": [{"type": each.media, "action": each.action, "more": each.more} for each in self.contents],
        }
        whens = [
            f"[{place}] = {each.when.emit(out.lua)}"
            for place, each in enumerate(self.types, 1)
            if each.when is not None
        ]
        table = f"{{{', '.join(whens)}}}" if whens else "nil"
        out.lua.line(f"R.validate_content(q, {out.lua.constant(lua_value(rules))}, {table})")


def read(reader: ElementReader) -> ValidateContent | None:
    unspecified = literal_action(reader, "unspecified-content-type-action")
    reader.attribute("max-size", required=True)
    limit = reader.number("max-size", default=MAX_SIZE, low=1, high=MAX_SIZE)
    too_large = literal_action(reader, "size-exceeded-action")
    variable = reader.literal("errors-variable-name") or ""
    policy_id = reader.literal("id") or ""
    any_media = missing_media = None
    types: list[Mapped] = []
    for group in reader.child("content-type-map"):
        any_media, missing_media = group.literal("any-content-type-value"), group.literal("missing-content-type-value")
        types += [each for child in group.children("type") if (each := _mapped(child)) is not None]
        group.finish()
    contents = tuple(one for child in reader.children("content") if (one := _content(child)) is not None)
    if not reader.finish():
        return None
    return ValidateContent(
        reader.span,
        policy_id,
        variable,
        unspecified,
        too_large,
        limit,
        any_media,
        missing_media,
        tuple(types),
        contents,
    )


def _mapped(reader: ElementReader) -> Mapped | None:
    media, when, to = reader.literal("from"), reader.setting("when", BOOL), reader.literal("to", required=True)
    if reader.ok and (media is None) == (when is None):
        reader.error(codes.CHILD_MISSING, at=reader.span, parent="type", expected="one of `from` and `when`")
    return Mapped(to, media, when) if reader.finish() and to is not None else None


def _content(reader: ElementReader) -> Content | None:
    reader.unsupported("schema-id", "schema-ref", help="leave it out: the API's own specification is checked against")
    reader.attribute("validate-as", required=True)
    engine = reader.choice("validate-as", ("json", "xml", "soap"), default="json")
    if engine != "json":
        reader.error(
            codes.VALUE_UNEXPECTED,
            at=reader.element.attributes["validate-as"].span,
            value=engine,
            expected="json, the only one that is checked yet",
        )
    media = reader.literal("type")
    action = literal_action(reader, "action")
    given = reader.attribute("allow-additional-properties")
    more = reader.flag("allow-additional-properties", default=False) if given is not None else None
    return Content(media or None, action, more) if reader.finish() else None
