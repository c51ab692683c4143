"""`return-response`: the request ends here with this answer, in any section. Nothing that follows runs, of no scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import Message, ProgramWriter

_CHILDREN: Final = ("set-status", "set-header", "set-body")


@dataclass(frozen=True, slots=True)
class ReturnResponse(Statement):
    variable: str | None
    """Of the response that it begins with; an empty 200 if None."""
    children: tuple[Statement, ...]

    name: ClassVar[str] = "return-response"

    @property
    def ends(self) -> bool:
        return True

    def summary(self) -> str:
        parts = [*([self.variable] if self.variable else []), *(child.summary() for child in self.children)]
        return f"return-response: {'; '.join(parts)}" if parts else "return-response: an empty 200"

    def emit(self, out: ProgramWriter) -> None:
        if self.variable is None:
            answer = out.lua.local("R.new_answer(q, 200)")
        else:
            out.lua.reads_table = True
            answer = out.lua.local(f"R.answer_of(q, variables, {lua_string(self.variable)})")
        headers = out.lua.local(f"{answer}.headers")
        with out.changing(Message(headers, answer)):
            for child in self.children:
                with out.lua.at(child.span), out.lua.block("do"):
                    child.emit(out)
        out.lua.line(f"q.answer = {answer}")
        out.stop()


def read(reader: ElementReader) -> ReturnResponse | None:
    variable = reader.literal("response-variable-name")
    policy_id = reader.literal("id") or ""
    children = tuple(reader.statements(*_CHILDREN, within="return-response"))
    return ReturnResponse(reader.span, policy_id, variable, children) if reader.finish() else None
