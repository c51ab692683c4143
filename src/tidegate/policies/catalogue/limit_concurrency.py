"""`limit-concurrency`: at most so many requests with one key are inside the element; the next one gets 429 at once.

Counted over all workers of an Envoy. A request leaves when the element's policies have run, when one of them fails or
answers, and when its client goes away. Around `forward-request` it stays inside until the backend's answer is there,
which is then held in memory as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Block, Statement
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting

MAX_COUNT: Final = 2000
"""The table of leases has 4096 places for the keys of a stripe."""


@dataclass(frozen=True, slots=True)
class LimitConcurrency(Statement):
    key: Setting
    most: int
    block: Block

    name: ClassVar[str] = "limit-concurrency"

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (self.block,)

    @property
    def ends(self) -> bool:
        return self.block.ends

    def summary(self) -> str:
        return f"limit-concurrency: {self.most} at once by {self.key.shown}"

    def emit(self, out: ProgramWriter) -> None:
        slot = out.lua.local(f"R.slot_acquire(q, {self.key.emit(out.lua)}, {self.most})")
        # What fails or answers inside leaves by the hook that ends the request (R.slots_end).
        out.block(self.block, tail=False)
        if not self.ends:
            out.lua.line(f"R.slot_release(q, {slot})")


def read(reader: ElementReader) -> LimitConcurrency | None:
    key = reader.setting("key", required=True)
    reader.attribute("max-count", required=True)
    most = reader.number("max-count", default=1, low=1, high=MAX_COUNT)
    policy_id = reader.literal("id") or ""
    block = reader.block()
    if reader.ok and not block.statements:
        reader.error(codes.CHILD_MISSING, at=reader.span, parent=reader.name, expected="a policy inside")
    if not reader.finish() or key is None:
        return None
    return LimitConcurrency(reader.span, policy_id, key, most, block)
