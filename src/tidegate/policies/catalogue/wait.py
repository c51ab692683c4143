"""`wait`: calls side by side, until all have come back or the first has.

Where all that it holds are send-requests, they go side by side, and their answers are asked for in turn (decision
0016). Anything else beside them runs one after the other, since Envoy's Lua waits for one thing at a time. What the
policies behind it see is the same; it takes as long as all of it together. With `for="any"` only the first is run then:
it is the one that comes back first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.catalogue.send_request import SendRequest
from tidegate.policies.document import Block, Statement
from tidegate.policies.program_writer import ProgramWriter


@dataclass(frozen=True, slots=True)
class Wait(Statement):
    any: bool
    content: Block

    name: ClassVar[str] = "wait"

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (self.content,)

    @property
    def ends(self) -> bool:
        first, *_ = self.content.statements
        return first.ends if self.any else self.content.ends

    def summary(self) -> str:
        return f"wait for {'any' if self.any else 'all'} of {len(self.content.statements)}"

    def emit(self, out: ProgramWriter) -> None:
        calls = [each for each in self.content.statements if isinstance(each, SendRequest)]
        if len(calls) > 1 and len(calls) == len(self.content.statements):
            self._side_by_side(calls, out)
            return
        content = Block(self.content.statements[:1]) if self.any else self.content
        out.block(content, tail=False)

    def _side_by_side(self, calls: list[SendRequest], out: ProgramWriter) -> None:
        first, begun = out.step + 1, out.lua.local("{}")
        out.begun = begun
        out.block(self.content, tail=False)
        out.begun = ""
        if not self.any:
            for number, call in enumerate(calls):
                out.step_again(first + number)
                call.emit_answer(out, f"{{{begun}[{number + 1}]}}")
            return
        place, answer = out.lua.local(), out.lua.local()
        out.lua.line(f"{place}, {answer} = R.call_end(q, {begun})")
        flow = out.branches()
        for number, call in enumerate(calls):
            with out.lua.block(f"if {place} == {number + 1} then"), flow.branch():
                call.keep_answer(out, answer)
        flow.join(complete=True)


def read(reader: ElementReader) -> Wait | None:
    which = reader.choice("for", ("all", "any"), default="all")
    policy_id = reader.literal("id") or ""
    content = reader.block(within="wait")
    if reader.ok and not content.statements:
        reader.error(codes.CHILD_MISSING, at=reader.span, parent="wait", expected="a policy")
    return Wait(reader.span, policy_id, which == "any", content) if reader.finish() else None
