"""`log-to-eventhub`: an event for whoever reads the logger. Here a line of JSON in the state directory's `events`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

SINK_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""What names a logger, queue or topic, and the file of its events."""


@dataclass(frozen=True, slots=True)
class LogToEventhub(Statement):
    logger: str
    partition_id: Setting | None
    partition_key: Setting | None
    content: Setting

    name: ClassVar[str] = "log-to-eventhub"

    def summary(self) -> str:
        return f"log-to-eventhub {self.logger}: {self.content.shown}"

    def emit(self, out: ProgramWriter) -> None:
        body = out.lua.local(self.content.emit(out.lua))
        listed: list[str] = []
        for key, value in (("partition-id", self.partition_id), ("partition-key", self.partition_key)):
            if value is not None:
                listed.append(f"{{{lua_string(key)}, {out.lua.local(value.emit(out.lua))}}}")
        out.lua.line(f"R.send_event(q, {lua_string('eventhub-' + self.logger)}, {body}, {{{', '.join(listed)}}})")


def read(reader: ElementReader) -> LogToEventhub | None:
    logger = reader.literal("logger-id", required=True)
    partition_id, partition_key = reader.setting("partition-id"), reader.setting("partition-key")
    policy_id = reader.literal("id") or ""
    content = reader.text()
    if logger is not None:
        check_sink_name(reader, "logger-id", logger)
    if not reader.ok or logger is None or content is None:
        return None
    return LogToEventhub(reader.span, policy_id, logger, partition_id, partition_key, content)


def check_sink_name(reader: ElementReader, attribute: str, name: str) -> None:
    """The name becomes a file's: letters, digits, dots, dashes."""
    if not SINK_NAME.fullmatch(name):
        at = reader.element.attributes[attribute].span
        reader.error(codes.VALUE_UNEXPECTED, at=at, value=name, expected="letters, digits, `.`, `_` and `-`")
