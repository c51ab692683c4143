"""`forward-request`: the call of the backend. Here only the bare form, which is the portal's default."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.diagnostics import Located, Span
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.program_writer import ProgramWriter


@dataclass(frozen=True, slots=True)
class ForwardRequest:
    span: Span
    policy_id: str

    name: str = "forward-request"
    reads: tuple[Located[str], ...] = ()
    sets: tuple[str, ...] = ()

    def summary(self) -> str:
        return "forward-request"

    def emit(self, out: ProgramWriter) -> None:
        """Nothing: when the program returns, Envoy's router forwards."""


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
