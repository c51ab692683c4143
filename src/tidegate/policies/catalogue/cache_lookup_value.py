"""`cache-lookup-value`: a value from the cache into a variable.

Where nothing is cached, the variable gets `default-value`, which is worked out only then; without one it is not set, so
that `context.Variables.ContainsKey` tells. (The reference says both that and null; real policies ask ContainsKey.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.policies.catalogue.caching import read_caching_type, set_in_table
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Statement
from tidegate.policies.expressions.types import OBJECT
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class CacheLookupValue(Statement):
    key: Setting
    variable: str
    default: Setting | None

    name: ClassVar[str] = "cache-lookup-value"

    @property
    def sets(self) -> tuple[str, ...]:
        return (self.variable,)

    def summary(self) -> str:
        default = f", else {self.default.shown}" if self.default else ""
        return f"cache-lookup-value {self.variable}: {self.key.shown}{default}"

    def emit(self, out: ProgramWriter) -> None:
        lua = out.lua
        found, value = lua.local(), lua.local()
        lua.line(f"{found}, {value} = R.cache_get({self.key.emit(lua)})")
        if self.default is not None:
            with lua.block(f"if not {found} then"):
                lua.line(f"{value} = {self.default.emit(lua)}")
            set_in_table(out, self.variable, value)
            return
        with lua.block(f"if {found} then"):
            set_in_table(out, self.variable, value)


def read(reader: ElementReader) -> CacheLookupValue | None:
    key = reader.setting("key", required=True)
    variable = reader.literal("variable-name", required=True)
    default = reader.setting("default-value", OBJECT)
    read_caching_type(reader)
    policy_id = reader.literal("id") or ""
    if not reader.finish() or key is None or variable is None:
        return None
    return CacheLookupValue(reader.span, policy_id, key, variable, default)
