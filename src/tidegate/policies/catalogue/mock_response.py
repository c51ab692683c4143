"""`mock-response`: the request ends with an example from the API's description, or with an empty answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.headers import has_control
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_value
from tidegate.policies.program_writer import ProgramWriter


@dataclass(frozen=True, slots=True)
class MockResponse(Statement):
    status: int
    content_type: str | None
    """The media type; the description's first for the status if None."""

    name: ClassVar[str] = "mock-response"

    @property
    def ends(self) -> bool:
        return True

    def summary(self) -> str:
        return f"mock-response {self.status}" + (f" {self.content_type}" if self.content_type else "")

    def emit(self, out: ProgramWriter) -> None:
        out.needs.add("mock")
        out.lua.line(f"R.mock(q, {self.status}, {lua_value(self.content_type)})")
        out.stop()


def read(reader: ElementReader) -> MockResponse | None:
    status = reader.number("status-code", default=200, low=200, high=599)
    content_type = reader.literal("content-type")
    policy_id = reader.literal("id") or ""
    reader.unsupported("index", help="remove it: the first example of the status and media type answers")
    if content_type is not None and has_control(content_type):
        reader.error(codes.HEADER_VALUE, at=reader.element.attributes["content-type"].span)
    return MockResponse(reader.span, policy_id, status, content_type or None) if reader.finish() else None
