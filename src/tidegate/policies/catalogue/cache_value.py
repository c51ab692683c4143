"""`cache-value`: a value from the cache, or else the one that the policies inside work out, which is then kept.

The policies inside set the variable. They run where nothing is cached, and again once what is cached is older than
`refresh-after` seconds; what they set is kept for `expires-after` seconds. Where they set nothing, the variable gets
`default-value`, which is not kept. What fails inside fails the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.caching import read_caching_type
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.document import Block, Statement
from tidegate.policies.expressions.types import INT, OBJECT
from tidegate.policies.lua_text import lua_string
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting


@dataclass(frozen=True, slots=True)
class CacheValue(Statement):
    key: Setting
    variable: str
    expires_s: Setting
    refresh_s: Setting | None
    default: Setting | None
    block: Block

    name: ClassVar[str] = "cache-value"

    @property
    def sets(self) -> tuple[str, ...]:
        return (self.variable,)

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (self.block,)

    def summary(self) -> str:
        return f"cache-value {self.variable}: {self.key.shown} for {self.expires_s.shown} s"

    def emit(self, out: ProgramWriter) -> None:
        lua, step, name = out.lua, out.step, lua_string(self.variable)
        lua.reads_table = True
        key = lua.local(self.key.emit(lua))
        refresh = lua.local("nil" if self.refresh_s is None else self.refresh_s.emit(lua))
        fresh = lua.local(f"R.cache_fresh(variables, {name}, {key}, {refresh})")
        lua.known.pop(self.variable, None)
        flow = out.branches()
        with lua.block(f"if not {fresh} then"):
            with flow.branch(ends=self.block.ends):
                out.block(self.block, tail=False)
            if not self.block.ends:
                out.step_again(step)
                lua.line(f"R.cache_keep(variables, {name}, {key}, {self.expires_s.emit(lua)})")
                if self.default is not None:
                    with lua.block(f"if variables[{name}] == nil then"):
                        lua.line(f"variables[{name}] = R.held({self.default.emit(lua)})")
        flow.join(complete=False)
        lua.known.pop(self.variable, None)


def read(reader: ElementReader) -> CacheValue | None:
    key = reader.setting("key", required=True)
    variable = reader.literal("variable-name", required=True)
    expires = reader.setting("expires-after", INT, required=True)
    refresh, default = reader.setting("refresh-after", INT), reader.setting("default-value", OBJECT)
    read_caching_type(reader)
    policy_id = reader.literal("id") or ""
    block: Block | None = None
    for inside in reader.child("value"):
        block = inside.block()
        inside.finish()
    if block is None:
        block = reader.block()
    if reader.ok and not block.statements:
        reader.error(codes.CHILD_MISSING, at=reader.span, parent=reader.name, expected="a policy inside")
    if not reader.finish() or key is None or variable is None or expires is None:
        return None
    return CacheValue(reader.span, policy_id, key, variable, expires, refresh, default, block)
