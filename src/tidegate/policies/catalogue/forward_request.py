"""`forward-request`: the call of the backend. Here only the bare form, which is the portal's default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.program_writer import ProgramWriter


@dataclass(frozen=True, slots=True)
class ForwardRequest(Statement):
    name: ClassVar[str] = "forward-request"

    def summary(self) -> str:
        return "forward-request"

    def emit(self, out: ProgramWriter) -> None:
        """As the last thing before the response, it is Envoy's router that forwards, and streams."""
        if out.tail:
            out.lua.line("do return false end")
        else:
            out.lua.line("R.forward(q)")


def read(reader: ElementReader) -> ForwardRequest | None:
    reader.unsupported(
        "timeout",
        "timeout-ms",
        "continue-timeout",
        "http-version",
        "follow-redirects",
        "buffer-request-body",
        "buffer-response",
        "fail-on-error-status-code",
        help="remove it: the route's own settings hold",
    )
    statement = ForwardRequest(reader.span, reader.literal("id") or "")
    return statement if reader.finish() else None
