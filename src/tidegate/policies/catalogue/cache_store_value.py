"""`cache-store-value`: keep a value under a key for some seconds, with its .NET type.

Strings, bool, numbers, decimal, dates, Guid, byte[], string[] and JSON can be kept, up to 2 MiB as text; a larger value
is not kept, and one of another type fails the policy. All workers of an Envoy share the cache; it is bounded (128 MiB),
and gives up what was not used for longest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.caching import read_caching_type
from tidegate.policies.catalogue.counting import values
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import INT, OBJECT
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class CacheStoreValue(Statement):
    key: Setting
    value: Setting
    duration_s: Setting

    name: ClassVar[str] = "cache-store-value"

    def summary(self) -> str:
        return f"cache-store-value {self.key.shown}: {self.value.shown} for {self.duration_s.shown} s"

    def emit(self, out: ProgramWriter) -> None:
        out.lua.line(f"R.cache_put({', '.join(values((self.key, self.value, self.duration_s), out))})")


def read(reader: ElementReader) -> CacheStoreValue | None:
    key = reader.setting("key", required=True)
    value = reader.setting("value", OBJECT, required=True)
    duration = reader.setting("duration", INT, required=True)
    read_caching_type(reader)
    policy_id = reader.literal("id") or ""
    if not reader.finish() or key is None or value is None or duration is None:
        return None
    return CacheStoreValue(reader.span, policy_id, key, value, duration)
