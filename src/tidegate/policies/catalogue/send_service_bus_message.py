"""`send-service-bus-message`: a message for a queue or topic. Here a line of JSON in the state directory's `events`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.log_to_eventhub import check_sink_name
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class SendServiceBusMessage(Statement):
    target: str
    """`queue-NAME` or `topic-NAME`."""
    properties: tuple[tuple[str, Setting], ...]
    payload: Setting

    name: ClassVar[str] = "send-service-bus-message"

    def summary(self) -> str:
        return f"send-service-bus-message {self.target}: {self.payload.shown}"

    def emit(self, out: ProgramWriter) -> None:
        body = out.lua.local(self.payload.emit(out.lua))
        listed = [f"{{{lua_string(key)}, {out.lua.local(value.emit(out.lua))}}}" for key, value in self.properties]
        out.lua.line(f"R.send_event(q, {lua_string('servicebus-' + self.target)}, {body}, {{{', '.join(listed)}}})")


def read(reader: ElementReader) -> SendServiceBusMessage | None:
    target = ""
    for kind in ("queue", "topic"):
        name = reader.literal(f"{kind}-name")
        if name is not None:
            check_sink_name(reader, f"{kind}-name", name)
            if target:
                at = reader.element.attributes["topic-name"].name_span
                reader.error(codes.ATTRIBUTE_UNKNOWN, at=at, element=reader.name, name="topic-name", help="one of both")
            target = f"{kind}-{name}"
    # Whose namespace it is and as whom it is sent are Azure's matter: nothing is sent from here.
    reader.setting("namespace")
    reader.setting("client-id")
    policy_id = reader.literal("id") or ""
    properties: list[tuple[str, Setting]] = []
    for group in reader.child("message-properties"):
        for child in group.children("message-property"):
            key = child.literal("name", required=True)
            value = child.text()
            if key is not None and value is not None:
                properties.append((key, value))
        group.finish()
    payload: Setting | None = None
    for child in reader.child("payload"):
        payload = child.text()
    reader.finish()
    if reader.ok and not target:
        reader.error(codes.ATTRIBUTE_MISSING, at=reader.span, element=reader.name, name="queue-name")
    if reader.ok and payload is None:
        reader.error(codes.CHILD_MISSING, at=reader.span, parent=reader.name, expected="a `<payload>`")
    if not reader.ok or payload is None:
        return None
    return SendServiceBusMessage(reader.span, policy_id, target, tuple(properties), payload)
