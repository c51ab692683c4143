"""The author's own lines, with spans drawn under them.

Spans count characters; a terminal counts cells. Tabs are expanded, wide characters take two cells, and whatever could
steer the terminal or reorder the line is shown as an escape.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from tidegate.diagnostics.spans import Span

_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
# Control characters, and those that change the direction of text: a file could otherwise rewrite what is shown of it.
_UNSAFE: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
TAB_WIDTH: Final = 4
LINE_WIDTH: Final = 140
"""Cells of a source line that are drawn; of a longer one, the part around the span."""
_LEAD: Final = 40


def clean(text: str) -> str:
    """The text with control characters as visible escapes, in one line."""
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text.replace("\t", " "))


class Texts:
    """Lines of the files that spans name, split once."""

    __slots__ = ("_lines", "_sources")

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._lines: dict[str, list[str]] = {}

    def line(self, span: Span, number: int) -> str | None:
        """Line `number` of the span's file; None where the text is not at hand."""
        if span.file not in self._sources:
            return None
        if span.file not in self._lines:
            self._lines[span.file] = _LINE_BREAK.split(self._sources[span.file])
        lines = self._lines[span.file]
        return lines[number - 1] if 0 < number <= len(lines) else None


def gutter_width(spans: list[Span]) -> int:
    """Digits of the largest line number that will be drawn."""
    return max((len(str(span.line)) for span in spans), default=1)


def draw(span: Span, texts: Texts, *, mark: str, label: str, context: int, gutter: int) -> list[tuple[str, str, str]]:
    """Rows of (gutter, text, kind); kind is `source`, `mark` or `rule`. Empty if the file's text is not at hand.

    A span over several lines is marked on its first, to the end of that line.
    """
    line = texts.line(span, span.line)
    if line is None:
        return []
    end = span.end_column if span.end_line == span.line else len(line) + 1
    cells, before, marked = _measure(line, span.column - 1, max(end - 1, span.column))
    crop = _crop(cells, before, marked)
    rows: list[tuple[str, str, str]] = [("", "", "rule")]
    for number in range(max(1, span.line - context), span.line):
        above = texts.line(span, number)
        if above is not None and (above.strip() or number > span.line - context):
            drawn, _, _ = _measure(above, 0, 0)
            rows.append((str(number), _window(drawn, crop), "source"))
    rows.append((str(span.line), _window(cells, crop), "source"))
    marks = mark * max(1, min(marked, LINE_WIDTH))
    rows.append(("", f"{' ' * (before - crop + (4 if crop else 0))}{marks} {clean(label)}".rstrip(), "mark"))
    rows.append(("", "", "rule"))
    return [(f"{number:>{gutter}}", text, kind) for number, text, kind in rows]


def _measure(line: str, start: int, end: int) -> tuple[str, int, int]:
    """The line as drawn, the cells before character `start`, and the cells from there to character `end`."""
    drawn: list[str] = []
    column = before = behind = 0
    for index, character in enumerate(line):
        if index == start:
            before = column
        if index == end:
            behind = column
        if character == "\t":
            shown, width = " " * (TAB_WIDTH - column % TAB_WIDTH), TAB_WIDTH - column % TAB_WIDTH
        elif _UNSAFE.match(character):
            shown = clean(character)
            width = len(shown)
        else:
            shown = character
            width = 0 if unicodedata.combining(character) else 2 if _is_wide(character) else 1
        drawn.append(shown)
        column += width
    if start >= len(line):
        before = column + start - len(line)
    if end >= len(line):
        behind = max(column, before)
    return "".join(drawn).rstrip(), before, behind - before


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("W", "F")


def _crop(cells: str, before: int, marked: int) -> int:
    """How many cells to leave out at the left, so that the span is seen."""
    return 0 if len(cells) <= LINE_WIDTH or before + min(marked, _LEAD) < LINE_WIDTH else before - _LEAD


def _window(cells: str, crop: int) -> str:
    window = cells[crop : crop + LINE_WIDTH]
    ahead = "... " if crop and window else ""
    return ahead + window + (" ..." if len(cells) > crop + LINE_WIDTH else "")
