"""Where C# stands in a policy document, and the document with it masked.

Policy documents as Azure shows and exports them are not XML: expressions stand bare, with quotes, `<`, `&&` and line
breaks, inside attribute values. So the expressions are found first, by C#'s rules, and each is replaced by as many
characters that no parser minds; line breaks stay. What remains is XML, and every position in it is the file's.

An expression is `@(...)` or `@{...}` at the start of an attribute value or of a text. In comments nothing is code.

A document that is well-formed as it stands has its expressions escaped (`&amp;&amp;`), as ARM templates and Terraform
write it. In the others `&amp;` is decoded only where it stands outside of C# strings, since it cannot be C# there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from tidegate.sources.csharp import Extent, extent
from tidegate.sources.placed import Placed, place
from tidegate.sources.source import Source

FILLER: Final = "."
_OPENING: Final = re.compile(r"[ \t\r\n]*@(?=[({])")
_ATTRIBUTE: Final = re.compile(r"""[ \t\r\n]*[^ \t\r\n=<>/"']+[ \t\r\n]*=[ \t\r\n]*(?P<quote>["'])""")
_MASKED: Final = re.compile(r"[^\r\n]")
_SKIPPED: Final = (("<!--", "-->"), ("<?", "?>"), ("</", ">"), ("<!", ">"))
_CDATA: Final = ("<![CDATA[", "]]>")
_WINDOW: Final = 512
"""Characters decoded at first when looking for the end of an escaped expression; doubled until it is found."""


@dataclass(frozen=True, slots=True)
class Fence:
    """One C# expression `@(...)` or statement block `@{...}`."""

    kind: Literal["(", "{"]
    start: int
    """Offset of `@` in the source."""
    end: int
    """Offset behind the closing bracket."""
    code: Placed
    """What stands between the brackets: decoded if the document is escaped, line breaks as LF."""


@dataclass(frozen=True, slots=True)
class Unclosed:
    """An expression without an end; nothing behind it can be read."""

    start: int
    stopped: int
    problem: str


@dataclass(frozen=True, slots=True)
class Masked:
    """A document with its expressions replaced, character by character."""

    text: str
    fences: tuple[Fence, ...]
    """In the order of the document."""
    unclosed: Unclosed | None = None


def mask(source: Source, *, escaped: bool) -> Masked:
    """Find and replace all expressions. `escaped` tells that the document is well-formed as it stands."""
    scanner = _Scanner(source, escaped=escaped)
    scanner.document()
    pieces: list[str] = []
    at = 0
    for fence in scanner.fences:
        pieces += (source.text[at : fence.start], _MASKED.sub(FILLER, source.text[fence.start : fence.end]))
        at = fence.end
    return Masked("".join((*pieces, source.text[at:])), tuple(scanner.fences), scanner.unclosed)


class _Scanner:
    """Walks over the markup as far as needed to know what is an attribute value or a text. It does not judge: what is
    no XML is left to the parser that reads the masked text."""

    def __init__(self, source: Source, *, escaped: bool) -> None:
        self.fences: list[Fence] = []
        self.unclosed: Unclosed | None = None
        self._source = source
        self._text = source.text
        self._escaped = escaped

    def document(self) -> None:
        at, size = 0, len(self._text)
        while at < size and self.unclosed is None:
            at = self._text.find("<", self._fence(at, size))
            if at < 0:
                return
            at = self._markup(at)

    def _markup(self, at: int) -> int:
        """The offset behind the markup that begins at `at`."""
        opening, closing = _CDATA
        if self._text.startswith(opening, at):
            inside = at + len(opening)
            end = self._find(closing, inside)
            # Character data holds no entities, and ends at the first `]]>` whatever C# thinks of it.
            self._fence(inside, end, escaped=False)
            return end + len(closing)
        for opening, closing in _SKIPPED:
            if self._text.startswith(opening, at):
                return self._find(closing, at + len(opening)) + len(closing)
        return self._tag(at + 1)

    def _tag(self, at: int) -> int:
        while self._text[at : at + 1] not in ("", " ", "\t", "\r", "\n", ">", "/"):
            at += 1
        while (match := _ATTRIBUTE.match(self._text, at)) is not None:
            inside = self._fence(match.end(), len(self._text))
            if self.unclosed is not None:
                return inside
            at = self._find(match["quote"], inside) + 1
        return self._find(">", at) + 1

    def _fence(self, at: int, stop: int, *, escaped: bool | None = None) -> int:
        """Take the expression that begins at `at`, after white space; the offset behind it, or `at`."""
        match = _OPENING.match(self._text, at, stop)
        if match is None:
            return at
        start, bracket = match.end() - 1, match.end()
        decode = self._escaped if escaped is None else escaped
        reached = self._extent_decoded(bracket, stop) if decode else extent(self._text, bracket, stop)
        if escaped is None and not decode and reached.has_entities:
            decode = True
            reached = self._extent_decoded(bracket, stop)
        if reached.end is None:
            self.unclosed = Unclosed(start, reached.stopped, reached.problem)
            return stop
        kind: Literal["(", "{"] = "(" if self._text[bracket] == "(" else "{"
        code = place(self._source, bracket + 1, reached.end - 1, entities=decode)
        self.fences.append(Fence(kind, start, reached.end, code))
        return reached.end

    def _extent_decoded(self, bracket: int, stop: int) -> Extent:
        """The extent by decoded text, in the source's offsets."""
        window = _WINDOW
        while True:
            end = min(bracket + window, stop)
            decoded = place(self._source, bracket, end, entities=True)
            reached = extent(decoded.text, 0, len(decoded.text))
            if reached.end is not None or end == stop:
                behind = None if reached.end is None else decoded.offset(reached.end)
                return Extent(behind, decoded.offset(reached.stopped), reached.problem)
            window *= 2

    def _find(self, text: str, at: int) -> int:
        found = self._text.find(text, at)
        return len(self._text) if found < 0 else found
