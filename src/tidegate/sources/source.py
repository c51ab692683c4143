"""The text of input files, as it was read; nothing here touches the disk."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from tidegate.diagnostics import Span

_LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Source:
    """One file's text, or a text inside a file (see `embedded`)."""

    path: str
    """As in spans: relative to the working directory where the file lies below it, with `/`."""
    text: str
    lines_before: int = 0
    """Lines of the file above the first line of `text`."""
    columns_before: int = 0
    """Characters of the file before every line of `text`, its indentation."""
    within: Span | None = None
    """Set when places inside `text` cannot be told (a folded or escaped scalar): every span is this one."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text, hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """Offsets at which lines begin; the first is 0. Lines end with LF, CR LF or CR, as editors count them."""
        return (0, *(match.end() for match in _LINE_BREAK.finditer(self.text)))

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column in the file, 1-based, of the character at `offset` of the text."""
        line = bisect_right(self.line_starts, offset)
        return line + self.lines_before, offset - self.line_starts[line - 1] + 1 + self.columns_before

    def span(self, start: int, end: int) -> Span:
        """The place of `text[start:end]` in the file."""
        if self.within is not None:
            return self.within
        starts = self.line_starts
        line = bisect_right(starts, start)
        begin = starts[line - 1]
        # Most places are within one line: asked for every value of every file.
        last = line if line == len(starts) or end < starts[line] else bisect_right(starts, end)
        column, end_column = start - begin + 1 + self.columns_before, end - starts[last - 1] + 1 + self.columns_before
        return Span(self.path, line + self.lines_before, column, last + self.lines_before, end_column)

    def cut(self, span: Span) -> str:
        """The text that a span of this source covers."""
        return self.text[self.offset(span.line, span.column) : self.offset(span.end_line, span.end_column)]

    def offset(self, line: int, column: int) -> int:
        """The opposite of `position`, for places inside the text."""
        return self.line_starts[line - 1 - self.lines_before] + column - 1 - self.columns_before


@dataclass(frozen=True)
class SourceSet:
    """Every file of one reading, by path, in path order."""

    files: AbstractMapping[str, Source] = field(default_factory=dict)
    roots: tuple[str, ...] = ()
    """The paths that were asked for (files or directories), in the same spelling as `Source.path`."""
    values: AbstractMapping[str, str] = field(default_factory=dict)
    """`${NAME}` replacements given by `--set` or values.env; names not listed here stay as they are."""
    unreadable: frozenset[str] = frozenset()
    """Files and folders that are there and could not be read, "" for a reading that stopped at a limit. What they hold
    is unknown: it does not count as deleted."""

    def hides(self, path: str) -> bool:
        """Whether `path` may be there although it is not among the files."""
        return any(path == each or each == "" or path.startswith(f"{each}/") for each in self.unreadable)

    def __iter__(self) -> Iterator[Source]:
        for path in sorted(self.files):
            yield self.files[path]
