"""`set-method`: the method of the request that the backend gets, or of a send-request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

_METHOD: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}")  # RFC 9110 section 5.6.2


@dataclass(frozen=True, slots=True)
class SetMethod(Statement):
    method: Setting

    name: ClassVar[str] = "set-method"

    def summary(self) -> str:
        return f"set-method {self.method.shown}"

    def emit(self, out: ProgramWriter) -> None:
        if out.changes_request:
            out.keeps = True  # The response needs the client's own method.
        out.lua.line(f"R.set_method(q, {out.message}, {self.method.emit(out.lua)})")


def read(reader: ElementReader) -> SetMethod | None:
    policy_id = reader.literal("id") or ""
    method = reader.text()
    if method is not None and isinstance(method.literal, str) and not _METHOD.fullmatch(method.literal.strip()):
        reader.error(codes.VALUE_UNEXPECTED, at=method.span, value=method.shown, expected="a method, such as GET")
    return SetMethod(reader.span, policy_id, method) if reader.ok and method is not None else None
