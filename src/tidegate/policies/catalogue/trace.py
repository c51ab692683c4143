"""`trace`: a message of the author's own in the trace of the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

SEVERITIES: Final = ("verbose", "information", "error")


@dataclass(frozen=True, slots=True)
class Trace(Statement):
    source: str
    severity: str
    message: Setting
    metadata: tuple[tuple[str, Setting], ...]

    name: ClassVar[str] = "trace"

    def summary(self) -> str:
        return f"trace {self.source} ({self.severity}): {self.message.shown}"

    def emit(self, out: ProgramWriter) -> None:
        # Expressions are worked out whether anybody looks or not: they may throw, and then the request fails.
        values = [self.message, *(value for _, value in self.metadata)]
        texts = [out.lua.local(v.emit(out.lua)) if v.expression else v.emit(out.lua) for v in values]
        pairs = (f"{{{lua_string(name)}, {text}}}" for (name, _), text in zip(self.metadata, texts[1:], strict=True))
        listed = f", {{{', '.join(pairs)}}}" if self.metadata else ""
        out.lua.line(f"R.trace(q, {lua_string(self.source)}, {lua_string(self.severity)}, {texts[0]}{listed})")


def read(reader: ElementReader) -> Trace | None:
    source = reader.literal("source", required=True)
    severity = reader.choice("severity", SEVERITIES, default="verbose")
    policy_id = reader.literal("id") or ""
    message: Setting | None = None
    for child in reader.child("message"):
        message = child.text()
    metadata: list[tuple[str, Setting]] = []
    for child in reader.children("metadata"):
        name, value = child.literal("name", required=True), child.setting("value", required=True)
        child.finish()
        if name is not None and value is not None:
            metadata.append((name, value))
    if message is None and not metadata and reader.element.value:
        # The older spelling: the message is the element's own text.
        message = reader.text()
    reader.finish(text=message is not None and not any(True for _ in reader.element))
    if reader.ok and message is None:
        reader.error(codes.CHILD_MISSING, at=reader.span, parent="trace", expected="a `<message>`")
    if not reader.ok or source is None or message is None:
        return None
    return Trace(reader.span, policy_id, source, severity, message, tuple(metadata))
