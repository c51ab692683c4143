"""`wait`: calls side by side, until all have come back or the first has.

Envoy's Lua waits for one call at a time, so here they go one after the other. What the policies behind it see is the
same; it takes as long as the calls together. With `for="any"` only the first of them is made: it is the one that comes
back first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
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
        content = Block(self.content.statements[:1]) if self.any else self.content
        out.block(content, tail=False)


def read(reader: ElementReader) -> Wait | None:
    which = reader.choice("for", ("all", "any"), default="all")
    policy_id = reader.literal("id") or ""
    content = reader.block(within="wait")
    if reader.ok and not content.statements:
        reader.error(codes.CHILD_MISSING, at=reader.span, parent="wait", expected="a policy")
    return Wait(reader.span, policy_id, which == "any", content) if reader.finish() else None
