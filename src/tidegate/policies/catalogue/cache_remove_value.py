"""`cache-remove-value`: forget what is kept under a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.caching import read_caching_type
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class CacheRemoveValue(Statement):
    key: Setting

    name: ClassVar[str] = "cache-remove-value"

    def summary(self) -> str:
        return f"cache-remove-value {self.key.shown}"

    def emit(self, out: ProgramWriter) -> None:
        out.lua.line(f"R.cache_forget({self.key.emit(out.lua)})")


def read(reader: ElementReader) -> CacheRemoveValue | None:
    key = reader.setting("key", required=True)
    read_caching_type(reader)
    policy_id = reader.literal("id") or ""
    return CacheRemoveValue(reader.span, policy_id, key) if reader.finish() and key else None
