"""`forward-request`: the call of the backend.

As the last thing before the response it is Envoy's router that forwards, and streams. Elsewhere, in a retry or with
policies behind it, and where redirects are followed, the program calls the backend itself and holds the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import BOOL, INT
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

LONGEST_S: Final = 300


@dataclass(frozen=True, slots=True)
class ForwardRequest(Statement):
    timeout: Setting | None = None
    in_milliseconds: bool = False
    follows: Setting | None = None
    buffers_request: bool = False
    fails: Setting | None = None

    name: ClassVar[str] = "forward-request"

    def summary(self) -> str:
        unit = "ms" if self.in_milliseconds else "s"
        parts = [
            *([f"within {self.timeout.shown} {unit}"] if self.timeout else []),
            *(["following redirects"] if self.follows else []),
            *(["error statuses are errors"] if self.fails else []),
        ]
        return f"forward-request {', '.join(parts)}".rstrip()

    def emit(self, out: ProgramWriter) -> None:
        timeout = out.lua.local(self._timeout(out)) if self.timeout is not None else ""
        fails = _flag(self.fails, out)
        if out.tail and self.follows is None:
            if self.buffers_request:
                out.lua.line("R.buffer_request(q)")
            if timeout:
                out.lua.line(f"R.forward_within(q, {timeout})")
            if fails != "false":
                out.keeps = True
                out.lua.line(f"q.fails = {fails}")
            out.leave_to_router()
            return
        out.calls = True
        out.forwards = True
        options = [
            *([f"timeout_ms = {timeout}"] if timeout else []),
            *([f"follow = {_flag(self.follows, out)}"] if self.follows is not None else []),
            *([f"fails = {fails}"] if fails != "false" else []),
        ]
        out.lua.line(f"R.forward(q, {{{', '.join(options)}}})" if options else "R.forward(q)")

    def _timeout(self, out: ProgramWriter) -> str:
        if self.timeout is None:
            return "nil"
        value = self.timeout.emit(out.lua)
        return value if self.in_milliseconds else f"{value} * 1000"


def _flag(value: Setting | None, out: ProgramWriter) -> str:
    return value.emit(out.lua) if value is not None else "false"


def _switch(reader: ElementReader, name: str) -> Setting | None:
    """None where it is off."""
    setting = reader.setting(name, BOOL)
    return None if setting is None or setting.literal is False else setting


def read(reader: ElementReader) -> ForwardRequest | None:
    reader.unsupported("continue-timeout", help="remove it: `Expect: 100-continue` is answered by the gateway")
    if reader.attribute("http-version") is not None:
        reader.choice("http-version", ("1", "2or1"), default="1")
    seconds, milliseconds = reader.setting("timeout", INT), reader.setting("timeout-ms", INT)
    for setting, name, longest in ((seconds, "timeout", LONGEST_S), (milliseconds, "timeout-ms", LONGEST_S * 1000)):
        if setting is not None and isinstance(setting.literal, int):
            reader.number(name, default=longest, low=1, high=longest)
    follows, fails = _switch(reader, "follow-redirects"), _switch(reader, "fail-on-error-status-code")
    buffers = reader.flag("buffer-request-body", default=False)
    reader.flag("buffer-response", default=True)  # Either way the client gets what comes as it comes.
    policy_id = reader.literal("id") or ""
    if not reader.finish():
        return None
    return ForwardRequest(
        reader.span,
        policy_id,
        timeout=milliseconds if milliseconds is not None else seconds,
        in_milliseconds=milliseconds is not None,
        follows=follows,
        buffers_request=buffers,
        fails=fails,
    )
