"""`cache-store`: keep the response for the requests that come, as it is where the policy stands.

Nothing is kept without a cache-lookup before it, of other methods than GET, of another status than 200 unless
`cache-response` says so, with a `Set-Cookie` or `Vary: *`, or above 2 MiB. The client's `Cache-Control` is what
`downstream-caching-type` of the cache-lookup says; none is `no-store`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.caching import read_caching_type
from tidegate.policies.catalogue.counting import values
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import BOOL, INT
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class CacheStore(Statement):
    duration_s: Setting
    chosen: Setting | None

    name: ClassVar[str] = "cache-store"

    def summary(self) -> str:
        return f"cache-store for {self.duration_s.shown} s"

    def emit(self, out: ProgramWriter) -> None:
        out.keeps = True
        out.lua.line(f"R.cache_store(q, {', '.join(values((self.duration_s, self.chosen), out))})")


def read(reader: ElementReader) -> CacheStore | None:
    duration = reader.setting("duration", INT, required=True)
    chosen = reader.setting("cache-response", BOOL)
    read_caching_type(reader)
    policy_id = reader.literal("id") or ""
    return CacheStore(reader.span, policy_id, duration, chosen) if reader.finish() and duration else None
