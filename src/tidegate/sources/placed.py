"""Text that remembers where each of its characters stood, also after entities were decoded."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from tidegate.diagnostics import Span
from tidegate.sources.source import Source

ENTITY: Final = re.compile(r"&(?:(?P<name>amp|lt|gt|quot|apos)|#(?P<decimal>[0-9]{1,7})|#x(?P<hex>[0-9a-fA-F]{1,6}));")
"""The five predefined entities and character references; a document without a DOCTYPE has no others."""
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REWRITTEN: Final = re.compile(rf"{ENTITY.pattern}|\r\n?|\n|\t")


@dataclass(frozen=True, slots=True)
class Placed:
    """A text cut from a source. `text` is what it means; spans tell where it stood."""

    text: str
    source: Source
    jumps: tuple[tuple[int, int], ...]
    """(index in `text`, offset in the source) wherever one does not simply follow from the character before; the first
    is that of the beginning."""

    def __str__(self) -> str:
        return self.text

    def offset(self, index: int) -> int:
        """Where in the source the character at `index` stood; for the length, where the text ended."""
        if not 0 <= index <= len(self.text):
            raise IndexError(f"index {index} is outside of a text of {len(self.text)} characters")
        known_index, known_offset = self.jumps[bisect_right(self.jumps, (index, 1 << 62)) - 1]
        return known_offset + index - known_index

    def span(self, start: int, end: int) -> Span:
        """The place of `text[start:end]`."""
        return self.source.span(self.offset(start), self.offset(end))

    @property
    def whole(self) -> Span:
        """The place of all of it."""
        return self.span(0, len(self.text))

    def cut(self, start: int, end: int) -> Placed:
        """A part of it, with the same places."""
        inside = ((index - start, offset) for index, offset in self.jumps if start < index <= end)
        return Placed(self.text[start:end], self.source, ((0, self.offset(start)), *inside))

    def strip(self) -> Placed:
        """Without white space at both ends."""
        stripped = self.text.strip()
        start = len(self.text) - len(self.text.lstrip()) if stripped else 0
        return self.cut(start, start + len(stripped))


def place(source: Source, start: int, end: int, *, entities: bool, line_break: str = "\n") -> Placed:
    """Cut a text out. Line breaks become `line_break` (XML 1.0 §2.11 and §3.3.3: a space in literal attribute values,
    and tabs with them); `entities` says whether `&amp;` and its like mean a character."""
    text = source.text[start:end]
    if "&" not in text and "\r" not in text and (line_break == "\n" or ("\n" not in text and "\t" not in text)):
        # Nearly all: nothing in it stands for anything else.
        return Placed(text, source, ((0, start),))
    pieces: list[str] = []
    jumps = [(0, start)]
    length, at = 0, start
    for match in _REWRITTEN.finditer(source.text, start, end):
        meaning = _meaning(match, line_break) if entities or match[0][0] != "&" else None
        if meaning is None or meaning == match[0]:
            continue
        pieces += (source.text[at : match.start()], meaning)
        length += match.start() - at + 1
        at = match.end()
        if match.end() - match.start() > 1:
            jumps.append((length, at))
    pieces.append(source.text[at:end])
    return Placed("".join(pieces), source, tuple(jumps))


def _meaning(match: re.Match[str], line_break: str) -> str | None:
    """The one character that a piece of the source stands for; None if it stands for itself."""
    if match["name"]:
        return _ENTITIES[match["name"]]
    if match["decimal"] or match["hex"]:
        # Python refuses to convert thousands of decimal digits; U+10FFFF has seven.
        digits = (match["decimal"] or "").lstrip("0")
        number = int(digits[:8] or "0") if match["decimal"] else int(match["hex"], 16)
        return chr(number) if 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else None
    if match[0] == "\t":
        return " " if line_break == " " else None
    return line_break
