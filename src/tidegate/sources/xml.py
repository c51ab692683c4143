"""Policy documents to located elements.

`fence` masks the C# expressions, expat checks what remains and tells where the markup is; values are cut from the
source itself, so that expressions keep their line breaks and quotes and every part knows its place. A DOCTYPE is
refused, and with it every entity but the five predefined ones.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from tidegate.diagnostics import Found, Related
from tidegate.diagnostics.codes import reading
from tidegate.sources import limits
from tidegate.sources.elements import Attribute, Element, Expression, Part, Text, Value
from tidegate.sources.fence import Masked, mask
from tidegate.sources.placed import place
from tidegate.sources.source import Source
from tidegate.sources.text import forbidden_character, oversized

__all__ = ["Attribute", "Element", "Expression", "Part", "Text", "Value", "read_xml"]

_NAME: Final = re.compile(r"""[^ \t\r\n=<>/"']+""")
_ATTRIBUTE: Final = re.compile(r"""[ \t\r\n]*(?P<name>[^ \t\r\n=<>/"']+)[ \t\r\n]*=[ \t\r\n]*(?P<quote>["'])""")
_ENTITY_NAME: Final = re.compile(r"&([^;\s<&]{1,40});")
_LATE_FENCE: Final = re.compile(r"@[({]")
_MESSAGES: Final = {
    expat.errors.XML_ERROR_INVALID_TOKEN: "this character cannot stand here",
    expat.errors.XML_ERROR_SYNTAX: "an element is expected here",
    expat.errors.XML_ERROR_NO_ELEMENTS: "there is no element",
    expat.errors.XML_ERROR_UNCLOSED_TOKEN: "a tag or comment has no end",
    expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT: "nothing may follow the first element",
    expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION: "`<![CDATA[` has no `]]>`",
    expat.errors.XML_ERROR_MISPLACED_XML_PI: "`<?xml ...?>` must stand at the very beginning",
    expat.errors.XML_ERROR_BAD_CHAR_REF: "this reference names no character that may stand in XML",
}


def read_xml(source: Source, found: Found) -> Element | None:
    """The root of a policy document or fragment; None, with diagnostics, if it cannot be read."""
    if oversized(source, found) or forbidden_character(source, found, format="XML"):
        return None
    masked = mask(source, escaped=_is_well_formed(source.text))
    if masked.unclosed is not None:
        unclosed = masked.unclosed
        inner = Related(source.span(unclosed.stopped, unclosed.stopped + 1), unclosed.problem)
        found.add(
            reading.FENCE_UNCLOSED,
            at=source.span(unclosed.start, unclosed.start + 2),
            opening=source.text[unclosed.start : unclosed.start + 2],
            problem=unclosed.problem,
            related=(inner,) if unclosed.stopped > unclosed.start + 1 else (),
        )
        return None
    reader = _Reader(source, masked, found)
    return reader.root if reader.read() else None


class _Stop(Exception):
    """Nothing that follows can be read; a diagnostic says why."""


def _refuse_doctype(*_: object) -> None:
    raise _Stop


def _is_well_formed(text: str) -> bool:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, _Stop):
        return False
    return True


@dataclass(slots=True)
class _Open:
    """An element whose end has not come."""

    name: str
    start: int
    attributes: dict[str, Attribute]
    empty_end: int | None
    """Behind `/>` of an element without an end tag."""
    inner: int
    """Where its content begins."""
    content: list[Element | Text | Expression] = field(default_factory=list)


class _Reader:
    def __init__(self, source: Source, masked: Masked, found: Found) -> None:
        self.root: Element | None = None
        self._source = source
        self._masked = masked.text
        self._fences = masked.fences
        self._starts = [fence.start for fence in masked.fences]
        self._found = found
        self._data = masked.text.encode()
        self._byte = self._character = 0
        self._stack: list[_Open] = []
        self._text_from = 0
        self._count = 0
        self._in_cdata = False

    def read(self) -> bool:
        # The data is UTF-8 whatever its declaration says: that may be older than the file's last saving.
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CommentHandler = lambda _: self._skip("-->")
        parser.ProcessingInstructionHandler = lambda _target, _data: self._skip("?>")
        parser.StartCdataSectionHandler = self._start_cdata
        parser.EndCdataSectionHandler = self._end_cdata
        try:
            parser.Parse(self._data, True)
        except expat.ExpatError as problem:
            self._syntax(problem)
            return False
        except _Stop:
            return False
        return True

    # -- events of expat ---------------------------------------------------------------------------------------------

    def _doctype(self, *_: object) -> None:
        # Expat tells of it only after its name; only comments and instructions stand before it.
        at = self._masked.index("<!DOCTYPE", self._text_from)
        self._found.add(
            reading.XML_DOCTYPE,
            at=self._source.span(at, at + len("<!DOCTYPE")),
            label="policy documents have none",
            help="remove the declaration",
        )
        raise _Stop

    def _start(self, name: str, _: object) -> None:
        at = self._offset()
        self._texts(at)
        self._count += 1
        name_span = self._source.span(at + 1, at + 1 + len(name))
        if len(self._stack) >= limits.DEPTH:
            self._found.add(reading.TOO_DEEP, at=name_span, limit=limits.DEPTH)
            raise _Stop
        if self._count > limits.NODES:
            self._found.add(reading.TOO_MANY_VALUES, at=name_span, limit=limits.NODES)
            raise _Stop
        attributes, behind = self._attributes(at + 1 + len(name))
        if len(attributes) > limits.ATTRIBUTES:
            self._found.add(reading.XML_TOO_MANY_ATTRIBUTES, at=name_span, element=name, limit=limits.ATTRIBUTES)
            raise _Stop
        is_empty = self._masked.startswith("/", behind)
        self._text_from = behind + (2 if is_empty else 1)
        self._stack.append(_Open(name, at, attributes, self._text_from if is_empty else None, self._text_from))

    def _end(self, name: str) -> None:
        done = self._stack.pop()
        if done.empty_end is None:
            at = self._offset()
            self._stack.append(done)
            self._texts(at)
            self._stack.pop()
            end = self._masked.index(">", at) + 1
        else:
            at = end = done.empty_end
        self._text_from = end
        element = Element(
            name=name,
            name_span=self._source.span(done.start + 1, done.start + 1 + len(name)),
            attributes=done.attributes,
            content=tuple(done.content),
            span=self._source.span(done.start, end),
            source=self._source,
            between=(done.inner, at),
        )
        if self._stack:
            self._stack[-1].content.append(element)
        else:
            self.root = element

    def _skip(self, closing: str) -> None:
        at = self._offset()
        self._texts(at)
        self._text_from = self._masked.index(closing, at + 2) + len(closing)

    def _start_cdata(self) -> None:
        at = self._offset()
        self._texts(at)
        self._text_from = at + len("<![CDATA[")
        self._in_cdata = True

    def _end_cdata(self) -> None:
        end = self._masked.index("]]>", self._text_from)
        self._texts(end)
        self._in_cdata = False
        self._text_from = end + len("]]>")

    # -- values ------------------------------------------------------------------------------------------------------

    def _attributes(self, at: int) -> tuple[dict[str, Attribute], int]:
        """The attributes of a start tag, and the offset of its `>` or `/>`. Expat has checked the syntax."""
        attributes: dict[str, Attribute] = {}
        while (match := _ATTRIBUTE.match(self._masked, at)) is not None:
            start = match.end()
            end = self._masked.index(match["quote"], start)
            name_span = self._source.span(match.start("name"), match.end("name"))
            value = self._parts(start, end, line_break=" ")
            attributes[match["name"]] = Attribute(match["name"], name_span, value, self._source.span(start, end))
            at = end + 1
        while self._masked[at] not in "/>":
            at += 1
        return attributes, at

    def _texts(self, end: int) -> None:
        """Take the text since the last markup."""
        if self._stack and end > self._text_from:
            parts = self._parts(self._text_from, end, line_break="\n")
            if len(parts) != 1 or not isinstance(parts[0], Text) or parts[0].text.strip(" \t\r\n"):
                self._stack[-1].content += parts

    def _parts(self, start: int, end: int, *, line_break: str) -> Value:
        parts: list[Part] = []
        at = start
        first = bisect_left(self._starts, start)
        for fence in self._fences[first : bisect_left(self._starts, end)]:
            self._literal(parts, at, fence.start, line_break)
            parts.append(Expression(fence))
            at = fence.end
        if at == start and at < end:
            parts.append(Text(place(self._source, at, end, entities=not self._in_cdata, line_break=line_break)))
        else:
            self._literal(parts, at, end, line_break)
        return tuple(parts)

    def _literal(self, parts: list[Part], start: int, end: int, line_break: str) -> None:
        """Text beside an expression, unless it is white space only."""
        if self._source.text[start:end].strip(" \t\r\n"):
            parts.append(Text(place(self._source, start, end, entities=not self._in_cdata, line_break=line_break)))

    # -- places and findings -----------------------------------------------------------------------------------------

    def _offset(self) -> int:
        return self._characters(self._parser.CurrentByteIndex)

    def _characters(self, byte: int) -> int:
        """Expat counts bytes; events come in order, so only what is new needs decoding."""
        if byte >= self._byte:
            self._character += len(self._data[self._byte : byte].decode("utf-8", "ignore"))
        else:
            self._character = len(self._data[:byte].decode("utf-8", "ignore"))
        self._byte = byte
        return self._character

    def _syntax(self, problem: expat.ExpatError) -> None:
        at = self._characters(self._parser.ErrorByteIndex)
        message = expat.errors.messages[problem.code]
        if message == expat.errors.XML_ERROR_UNDEFINED_ENTITY and (entity := _ENTITY_NAME.match(self._masked, at)):
            self._found.add(
                reading.XML_ENTITY,
                at=self._source.span(at, entity.end()),
                name=entity[1],
                help="write `&amp;` for `&`; only amp, lt, gt, quot and apos are known",
            )
        elif message == expat.errors.XML_ERROR_DUPLICATE_ATTRIBUTE:
            self._attribute_twice(at)
        elif message == expat.errors.XML_ERROR_TAG_MISMATCH and self._stack:
            end = match.end() if (match := _NAME.match(self._masked, at)) else at
            self._unclosed(f"`</{self._masked[at:end]}>` closes `<{self._stack[-1].name}>`", at, end)
        elif message == expat.errors.XML_ERROR_NO_ELEMENTS and self._stack:
            self._unclosed(f"`<{self._stack[-1].name}>` is never closed", at, at)
        elif (
            0 <= (comment := self._masked.find("<!--", self._text_from)) < at and "-->" not in self._masked[comment:at]
        ):
            self._found.add(
                reading.XML_SYNTAX,
                at=self._source.span(at, min(at + 1, len(self._masked))),
                detail="a comment has no end, or holds `--`",
                related=(Related(self._source.span(comment, comment + 4), "the comment begins here"),),
            )
        else:
            # A value such as `Bearer @(x["y"])` ends at the first of its quotes.
            line = self._masked.rfind("\n", 0, at) + 1
            advice = "an expression must be the whole value" if _LATE_FENCE.search(self._masked, line, at) else ""
            self._found.add(
                reading.XML_SYNTAX,
                at=self._source.span(at, min(at + 1, len(self._masked))),
                detail=_MESSAGES.get(message, message),
                help=advice,
            )

    def _unclosed(self, detail: str, start: int, end: int) -> None:
        opened = self._stack[-1]
        place = self._source.span(opened.start, opened.start + 1 + len(opened.name))
        self._found.add(
            reading.XML_SYNTAX,
            at=self._source.span(start, end),
            detail=detail,
            related=(Related(place, "opened here"),),
        )

    def _attribute_twice(self, at: int) -> None:
        """Expat stops at the name of the second attribute; look for the first in the same tag."""
        match = _NAME.match(self._masked, at)
        name = match[0] if match else ""
        tag = self._masked.rfind("<", 0, at) + 1
        element = match[0] if (match := _NAME.match(self._masked, tag)) else ""
        first = re.compile(rf"[ \t\r\n]({re.escape(name)})[ \t\r\n]*=").search(self._masked, tag, at)
        related = (Related(self._source.span(first.start(1), first.end(1)), "the first one"),) if first else ()
        span = self._source.span(at, at + len(name))
        self._found.add(reading.DUPLICATE_ATTRIBUTE, at=span, element=element, name=name, related=related)
