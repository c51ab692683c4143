"""What policies that count have in common: numbers within bounds, conditions, names of headers and variables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from tidegate.diagnostics.codes import policies as codes
from tidegate.policies.catalogue.headers import is_header_name
from tidegate.policies.catalogue.reader import ElementReader
from tidegate.policies.expressions.types import BOOL, INT
from tidegate.policies.lua_text import LuaValue
from tidegate.policies.program_writer import ProgramWriter
from tidegate.policies.settings import Setting
from tidegate.sources.xml import Expression

MAX_CALLS: Final = 1_000_000
"""Of one window; more is nobody's limit, and counts must stay exact."""
_RESPONSE: Final = re.compile(r"\.\s*Response\b")


@dataclass(frozen=True, slots=True)
class Increment:
    """Whether and how much a request counts."""

    condition: Setting | None
    count: Setting | None
    late: bool
    """Whether one of them speaks of the response: then the request counts when that is known."""

    @property
    def settings(self) -> tuple[Setting, ...]:
        return tuple(s for s in (self.condition, self.count) if s)

    def emit(self, out: ProgramWriter) -> tuple[str, str]:
        """The Lua of the count as known now, 1 if that comes later; and of the function that tells it then, or nil."""
        if not self.late:
            return self._now(out), "nil"
        lua = out.lua
        out.keeps = True
        lua.reads_table = True  # Locals of inbound may not be what they were when the response comes.
        known, lua.known = lua.known, {}
        name = lua.local()
        with lua.block(f"{name} = function(q)"):
            lua.line("local variables = q.variables")
            lua.line(f"return {self._now(out)}")
        lua.known = known
        return "1", name

    def _now(self, out: ProgramWriter) -> str:
        lua = out.lua
        if self.condition is None:
            return "1" if self.count is None else _value(self.count, out)
        # The count is worked out only where the condition holds.
        result = lua.local("0")
        with lua.block(f"if {self.condition.emit(lua)} then"):
            lua.line(f"{result} = {'1' if self.count is None else self.count.emit(lua)}")
        return result


def _value(setting: Setting, out: ProgramWriter) -> str:
    """In a local, so that expressions run in the order of the attributes' meaning, each once."""
    return setting.emit(out.lua) if setting.expression is None else out.lua.local(setting.emit(out.lua))


def values(settings: tuple[Setting | None, ...], out: ProgramWriter) -> list[str]:
    """The Lua of several values, in their order."""
    return ["nil" if setting is None else _value(setting, out) for setting in settings]


def read_increment(reader: ElementReader) -> Increment:
    """`increment-condition` and `increment-count`; both may speak of the response, wherever the policy stands."""
    late = _speaks_of_response(reader, "increment-condition") or _speaks_of_response(reader, "increment-count")
    section = reader.section
    if late:
        reader.section = "outbound"
    condition = reader.setting("increment-condition", BOOL)
    count = reader.setting("increment-count", INT)
    reader.section = section
    within(reader, count, 0, MAX_CALLS)
    return Increment(condition, count, late)


def _speaks_of_response(reader: ElementReader, name: str) -> bool:
    attribute = reader.element.attributes.get(name)
    if attribute is None:
        return False
    texts = (part.code.text if isinstance(part, Expression) else part.text for part in attribute.value)
    # A named value may bring an expression with it.
    return any(_RESPONSE.search(text) or "{{" in text for text in texts)


def within(reader: ElementReader, setting: Setting | None, low: int, high: int) -> None:
    """Refuse a literal number outside of the bounds. Computed ones are checked when they are known."""
    if setting and isinstance(setting.literal, int) and not low <= setting.literal <= high:
        reader.error(
            codes.VALUE_UNEXPECTED, at=setting.span, value=setting.literal, expected=f"between {low} and {high}"
        )


def header(reader: ElementReader, attribute: str) -> str | None:
    """A header's name, as written."""
    name = reader.literal(attribute)
    if name is not None and not is_header_name(name):
        reader.error(codes.HEADER_NAME, at=reader.element.attributes[attribute].span, name=name)
    return name


@dataclass(frozen=True, slots=True)
class Names:
    """Where a rate limit tells what remains and when to come again."""

    retry_header: str
    retry_variable: str | None
    remaining_header: str | None
    remaining_variable: str | None
    total_header: str | None

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(v for v in (self.retry_variable, self.remaining_variable) if v)

    def lua(self) -> dict[str, LuaValue]:
        return {
            "retry_header": self.retry_header.lower(),
            "retry_variable": self.retry_variable,
            "remaining_header": self.remaining_header,
            "remaining_variable": self.remaining_variable,
            "total_header": self.total_header,
        }

    def prepare(self, out: ProgramWriter) -> None:
        """Record what the runtime does with them."""
        if self.variables:
            out.lua.reads_table = True  # The runtime function sets them there.
        if self.remaining_header or self.total_header:
            out.changes_every_response = True


def read_names(reader: ElementReader) -> Names:
    """The attributes of rate-limit and rate-limit-by-key."""
    return Names(
        retry_header=header(reader, "retry-after-header-name") or "Retry-After",
        retry_variable=reader.literal("retry-after-variable-name"),
        remaining_header=header(reader, "remaining-calls-header-name"),
        remaining_variable=reader.literal("remaining-calls-variable-name"),
        total_header=header(reader, "total-calls-header-name"),
    )
