"""C#'s lexical grammar (section 6.4): text to tokens.

One pass, one pattern. An interpolated string is one token, whose holes hold tokens of their own: what is code there is
code again, to a bounded depth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple, TypeAlias

MAX_HOLES: Final = 8
"""Interpolated strings within holes of interpolated strings."""


class Kind(IntEnum):
    NAME = 0
    NUMBER = 1
    STRING = 2
    CHARACTER = 3
    INTERPOLATED = 4
    SIGN = 5
    END = 6


class Token(NamedTuple):
    """`text` as written; keywords are names; `@name` is a name with its sign."""

    kind: Kind
    text: str
    start: int
    end: int
    parts: tuple[Part, ...] = ()
    """Of interpolated strings."""


@dataclass(frozen=True, slots=True)
class HoleTokens:
    """The code of a hole, ended by an END token, and the format behind its colon."""

    tokens: tuple[Token, ...]
    format: str
    start: int
    end: int


Part: TypeAlias = "tuple[int, int] | HoleTokens"
"""A stretch of literal text, as places, or a hole."""


class LexicalError(Exception):
    """The text from `start` to `end` is no token."""

    def __init__(self, detail: str, start: int, end: int) -> None:
        super().__init__(detail)
        self.detail, self.start, self.end = detail, start, end


_TOKEN: Final = re.compile(
    r"""
    (?P<space> \s+ | //[^\r\n]* | /\*.*?\*/ )
  | (?P<name> @?[^\W\d]\w* )
  | (?P<number> 0[xX][0-9a-fA-F_]+[uUlL]{0,2} | 0[bB][01_]+[uUlL]{0,2}
      | (?: \d[\d_]* (?:\.\d[\d_]*)? | \.\d[\d_]* ) (?:[eE][+-]?\d[\d_]*)? (?: [fFdDmM] | [uUlL]{1,2} )? )
  | (?P<string> "(?:[^"\\\r\n]|\\[^\r\n])*" | @"(?:[^"]|"")*" )
  | (?P<character> '(?:[^'\\\r\n]|\\[^\r\n]{1,9}?)' )
  | (?P<interpolated> \$@?" | @\$" )
  | (?P<sign> (?!/\*) (?: <<=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|[-+*/%&|^]=|<<|::|->
      | [-+*/%&|^!~=<>?:.,;()\[\]{}] ) )
    """,
    re.VERBOSE | re.DOTALL,
)
_GROUPS: Final = {
    "name": Kind.NAME,
    "number": Kind.NUMBER,
    "string": Kind.STRING,
    "character": Kind.CHARACTER,
    "sign": Kind.SIGN,
}
_TEXT: Final = re.compile(r'(?:[^"\\{}\r\n]|\\[^\r\n]|\{\{|\}\})*')
_VERBATIM_TEXT: Final = re.compile(r'(?:[^"{}]|""|\{\{|\}\})*')
_FORMAT: Final = re.compile(r'[^"{}\r\n]*')
_OPEN: Final = frozenset("([{")
_CLOSE: Final = frozenset(")]}")


def tokenize(text: str) -> list[Token]:
    """All tokens, with an END behind the last. Raises LexicalError."""
    tokens, _ = _code(text, 0, 0, in_hole=False)
    return tokens


def _code(text: str, at: int, depth: int, *, in_hole: bool) -> tuple[list[Token], int]:
    """Tokens from `at` on: to the end of the text, or of the hole, whose `}` or `:` is where it stops."""
    tokens: list[Token] = []
    open_brackets = 0
    end = len(text)
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _no_token(text, at)
        group = match.lastgroup
        if group == "space":
            at = match.end()
            continue
        if group == "interpolated":
            token, at = _interpolated(text, at, match.end(), depth)
            tokens.append(token)
            continue
        word = match[0]
        if in_hole and group == "sign":
            if not open_brackets and (word in ("}", ":")):
                break
            open_brackets += (word in _OPEN) - (word in _CLOSE)
        tokens.append(Token(_GROUPS[group or "sign"], word, at, match.end()))
        at = match.end()
    tokens.append(Token(Kind.END, "", at, at))
    return tokens, at


def _no_token(text: str, at: int) -> LexicalError:
    character = text[at]
    if character == '"':
        return LexicalError("a string has no end on its line", at, at + 1)
    if text.startswith('@"', at):
        return LexicalError('a verbatim string @" has no end', at, at + 2)
    if character == "'":
        return LexicalError("a character literal is one character between quotes", at, at + 1)
    if text.startswith("/*", at):
        return LexicalError("a comment `/*` has no `*/`", at, at + 2)
    return LexicalError(f"`{character}` does not belong here", at, at + 1)


def _interpolated(text: str, start: int, at: int, depth: int) -> tuple[Token, int]:
    """The string that opens at `start`; its text begins at `at`."""
    if depth == MAX_HOLES:
        raise LexicalError("interpolated strings stand within each other too deep", start, at)
    pattern = _VERBATIM_TEXT if "@" in text[start:at] else _TEXT
    parts: list[Part] = []
    while True:
        match = pattern.match(text, at)
        stop = match.end() if match else at
        if stop > at:
            parts.append((at, stop))
        following = text[stop : stop + 1]
        if following == '"':
            return Token(Kind.INTERPOLATED, text[start : stop + 1], start, stop + 1, tuple(parts)), stop + 1
        if following != "{":
            detail = "a brace that means itself is doubled: `}}`" if following == "}" else "a string has no end"
            raise LexicalError(detail, stop if following else start, stop + 1 if following else at)
        tokens, end = _code(text, stop + 1, depth + 1, in_hole=True)
        format_ = ""
        behind = end
        if text.startswith(":", end):
            found = _FORMAT.match(text, end + 1)
            behind = found.end() if found else end + 1
            format_ = text[end + 1 : behind]
        if not text.startswith("}", behind):
            raise LexicalError("a hole `{` of a string has no `}`", stop, stop + 1)
        parts.append(HoleTokens(tuple(tokens), format_, stop, behind + 1))
        at = behind + 1
