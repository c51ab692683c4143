"""Lua source text: literals, and a writer that remembers which place of the input each line came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tidegate.diagnostics import Span

LuaValue: TypeAlias = "str | int | float | bool | Mapping[str, LuaValue] | Iterable[LuaValue] | None"

_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"}


def lua_string(text: str) -> str:
    """A quoted Lua string of the text's UTF-8 bytes, readable where the text is."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_character(c) for c in text) + '"'


def _character(character: str) -> str:
    simple = _ESCAPES.get(character)
    if simple:
        return simple
    if character.isprintable():
        return character
    return "".join(f"\\{byte:03d}" for byte in character.encode("utf-8", "replace"))


def lua_value(value: LuaValue) -> str:
    """A literal: mappings and sequences become tables; None values of mappings are left out."""
    match value:
        case None:
            return "nil"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return lua_string(value)
        case Mapping():
            items = (f"[{lua_string(k)}] = {lua_value(v)}" for k, v in value.items() if v is not None)
            return "{" + ", ".join(items) + "}"
        case _:
            return "{" + ", ".join(lua_value(item) for item in value) + "}"


Line: TypeAlias = tuple[str, Span | None]
"""A line and the place of the input that made it."""


@dataclass(slots=True)
class LuaWriter:
    """Lines of Lua with the span of the statement that made each."""

    depth: int = 0
    lines: list[Line] = field(default_factory=list)
    known: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Variables that are certainly set here: their Lua local and the name of their type."""
    reads_table: bool = False
    """Whether something was written that reads the table of variables."""
    constants: list[str] = field(default_factory=list)
    """Values that are built once, when the chunk is loaded; `K[n]` in the code."""
    _span: Span | None = None
    _locals: int = 0

    def line(self, text: str) -> None:
        self.lines.append(("  " * self.depth + text, self._span))

    @contextmanager
    def block(self, opening: str, closing: str | None = "end") -> Iterator[None]:
        """Lines between `opening` and `closing`, indented; without `closing`, somebody else writes it."""
        self.line(opening)
        self.depth += 1
        yield
        self.depth -= 1
        if closing is not None:
            self.line(closing)

    @contextmanager
    def indented(self) -> Iterator[None]:
        """Lines one step further in, where `block` does not fit: `elseif`, `else`."""
        self.depth += 1
        yield
        self.depth -= 1

    def take(self, lines: Iterable[Line], *, deeper: int = 0) -> None:
        """Write captured lines here, so many steps further in than they were written."""
        self.lines += (("  " * deeper + text, span) for text, span in lines)

    @contextmanager
    def at(self, span: Span) -> Iterator[None]:
        """Lines that this place of the input made."""
        before, self._span = self._span, span
        yield
        self._span = before

    def local(self, value: str = "") -> str:
        """Declare a local variable; its name."""
        self._locals += 1
        name = f"v{self._locals}"
        self.line(f"local {name} = {value}" if value else f"local {name}")
        return name

    @contextmanager
    def captured(self) -> Iterator[list[Line]]:
        """Lines written inside go to the list that is given, not to the program."""
        before, self.lines = self.lines, []
        inside = self.lines
        yield inside
        self.lines = before

    def constant(self, value: str) -> str:
        """A table that is built once; equal ones are shared."""
        if value not in self.constants:
            self.constants.append(value)
        return f"K[{self.constants.index(value) + 1}]"
