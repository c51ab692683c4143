"""JSON files to located nodes.

Exactly RFC 8259, with a place for every value: no comments, no trailing commas, no equal keys, no NaN. The standard
library's decoder knows no places and keeps the last of two equal keys.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping as AbstractMapping
from typing import Final, NoReturn

from tidegate.diagnostics import Found, Related
from tidegate.diagnostics.codes import reading
from tidegate.sources import limits
from tidegate.sources.nodes import Entry, Mapping, Node, Scalar, Sequence
from tidegate.sources.source import Source
from tidegate.sources.text import forbidden_character, nul_escape, oversized
from tidegate.sources.values import NO_VALUES, fill

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SPACES: Final = " \t\r\n"
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?P<fraction>\.[0-9]+)?(?P<exponent>[eE][-+]?[0-9]+)?")
_STRING: Final = re.compile(r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+"')
_PAIR_OR_ESCAPE: Final = re.compile(
    r"\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})|\\u(?P<code>[0-9a-fA-F]{4})|\\(?P<one>.)"
)
_WORD: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS: Final[AbstractMapping[str, bool | None]] = {"true": True, "false": False, "null": None}
_INTEGER_DIGITS: Final = 309
"""An integer of more digits exceeds every float, and takes long to convert."""


def read_json(source: Source, found: Found, values: AbstractMapping[str, str] = NO_VALUES) -> Node | None:
    """The value of a JSON file; None, with diagnostics, if it is malformed. `values` replace `${NAME}` in strings."""
    if oversized(source, found) or forbidden_character(source, found, format="JSON"):
        return None
    reader = _Reader(source, found, values)
    try:
        node = reader.document()
    except _Stop:
        return None
    return None if reader.refused else node


class _Stop(Exception):
    """Nothing that follows can be understood; a diagnostic says why."""


class _Reader:
    def __init__(self, source: Source, found: Found, values: AbstractMapping[str, str]) -> None:
        self.refused = False
        self._source = source
        self._text = source.text
        self._found = found
        self._values = values
        self._at = int(source.text.startswith("\ufeff"))
        self._depth = 0
        self._count = 0

    def document(self) -> Node:
        node = self._value()
        if self._next():
            self._syntax("nothing may follow the value")
        return node

    def _value(self) -> Node:
        first = self._next()
        start = self._at
        self._count += 1
        if self._count > limits.NODES:
            self._found.add(reading.TOO_MANY_VALUES, at=self._source.span(start, start), limit=limits.NODES)
            raise _Stop
        if first in ("{", "["):
            self._depth += 1
            if self._depth > limits.DEPTH:
                self._found.add(reading.TOO_DEEP, at=self._source.span(start, start + 1), limit=limits.DEPTH)
                raise _Stop
            node = self._object(start) if first == "{" else self._array(start)
            self._depth -= 1
            return node
        if first == '"':
            text = fill(self._string(), self._values)
            return Scalar(text, self._source.span(start, self._at), text)
        if not first:
            self._syntax("a value is missing at the end")
        return self._number(start) if first in "-0123456789" else self._word(start)

    def _object(self, start: int) -> Mapping:
        entries: dict[str, Entry] = {}
        self._at += 1
        if self._next() == "}":
            self._at += 1
            return Mapping(entries, self._source.span(start, self._at))
        while True:
            if (first := self._next()) != '"':
                self._syntax(
                    "a trailing comma is not allowed" if first == "}" else "a key in double quotes is expected"
                )
            key_start = self._at
            key = fill(self._string(), self._values)
            key_span = self._source.span(key_start, self._at)
            if self._next() != ":":
                self._syntax("`:` is expected after a key")
            self._at += 1
            node = self._value()
            if (first_entry := entries.get(key)) is not None:
                self.refused = True
                self._found.add(
                    reading.DUPLICATE_KEY,
                    at=key_span,
                    key=key,
                    label="the second one",
                    related=(Related(first_entry.key_span, "the first one"),),
                    help="keep one of them",
                )
            else:
                entries[key] = Entry(key, key_span, node)
            if self._closes("}"):
                return Mapping(entries, self._source.span(start, self._at))

    def _array(self, start: int) -> Sequence:
        items: list[Node] = []
        self._at += 1
        if self._next() == "]":
            self._at += 1
            return Sequence((), self._source.span(start, self._at))
        while True:
            if self._next() == "]":
                self._syntax("a trailing comma is not allowed")
            items.append(self._value())
            if self._closes("]"):
                return Sequence(tuple(items), self._source.span(start, self._at))

    def _closes(self, bracket: str) -> bool:
        """Step over `,` (False) or the closing bracket (True)."""
        if (following := self._next()) not in (",", bracket) or not following:
            self._syntax(f"`,` or `{bracket}` is expected")
        self._at += 1
        return following == bracket

    # -- scalars -----------------------------------------------------------------------------------------------------

    def _string(self) -> str:
        match = _STRING.match(self._text, self._at)
        if match is None:
            self._syntax("this string has no end on its line, or an unknown `\\` escape")
        start, self._at = self._at, match.end()
        inner = match[0][1:-1]
        if "\\" not in inner:
            return inner
        text = _PAIR_OR_ESCAPE.sub(_unescape, inner)
        if any("\ud800" <= character <= "\udfff" for character in text):
            self._at = start
            self._syntax("a `\\u` escape gives half of a surrogate pair")
        self.refused |= nul_escape(text, self._source.span(start, self._at), self._found)
        return text

    def _number(self, start: int) -> Scalar:
        match = _NUMBER.match(self._text, start)
        if match is None or self._text[match.end() : match.end() + 1].isalnum():
            self._syntax("this is not a number; JSON has no leading zeros, signs `+`, or hexadecimal digits")
        self._at = match.end()
        text, span = match[0], self._source.span(start, match.end())
        is_integer = match["fraction"] is None and match["exponent"] is None
        if is_integer and len(text) <= _INTEGER_DIGITS:
            return Scalar(int(text), span, text)
        number = float(text)
        if not math.isfinite(number):
            self.refused = True
            self._found.add(reading.NOT_FINITE, at=span, text=text if len(text) < 40 else f"{text[:40]}...")
        return Scalar(number, span, text)

    def _word(self, start: int) -> Scalar:
        match = _WORD.match(self._text, start)
        word = match[0] if match else self._text[start]
        if word not in _WORDS:
            self._syntax(f"a value is expected, not `{word}`")
        self._at += len(word)
        return Scalar(_WORDS[word], self._source.span(start, self._at), word)

    # -- position ----------------------------------------------------------------------------------------------------

    def _next(self) -> str:
        """The next character that is no white space, not yet stepped over; "" at the end."""
        following = self._text[self._at : self._at + 1]
        if following in _SPACES and following:
            match = _SPACE.match(self._text, self._at)
            if match is not None:
                self._at = match.end()
            return self._text[self._at : self._at + 1]
        return following

    def _syntax(self, detail: str) -> NoReturn:
        end = min(self._at + 1, len(self._text))
        self._found.add(reading.JSON_SYNTAX, at=self._source.span(self._at, end), detail=detail)
        raise _Stop


def _unescape(match: re.Match[str]) -> str:
    if match["high"]:
        return chr(0x10000 + ((int(match["high"], 16) - 0xD800) << 10) + int(match["low"], 16) - 0xDC00)
    if match["code"]:
        return chr(int(match["code"], 16))
    return _ESCAPES.get(match["one"], match["one"])
