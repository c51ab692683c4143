"""Where a C# expression ends: the lexical rules of C# 7, and nothing else of the language.

Brackets count only in code. Strings (regular, verbatim, interpolated, interpolated verbatim), character literals and
both kinds of comments hide them; a hole `{...}` of an interpolated string is code again, to any depth. Iterative, so
that no nesting exhausts the stack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from tidegate.sources.placed import ENTITY

_CLOSERS: Final = {"(": ")", "[": "]", "{": "}"}
_INTERESTING: Final = re.compile(r"[()\[\]{}\"'/&:@$]")
_REGULAR: Final = re.compile(r'"(?:[^"\\\r\n]++|\\[^\r\n])*+"')
_VERBATIM: Final = re.compile(r'@"(?:[^"]++|"")*+"')
_CHARACTER: Final = re.compile(r"'(?:[^'\\\r\n]|\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{1,4}|[^\r\nuUx]))'")
_LINE_COMMENT: Final = re.compile(r"//[^\r\n]*")
_BLOCK_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_INTERPOLATED: Final = re.compile(r'(\$@|@\$|\$)"')
# The text between the holes of an interpolated string. `{{` and `}}` are braces that mean themselves.
_TEXT: Final = re.compile(r'(?:[^"\\{}\r\n]++|\\[^\r\n]|\{\{|\}\})*+')
_VERBATIM_TEXT: Final = re.compile(r'(?:[^"{}]++|""|\{\{|\}\})*+')
# A format after `:` in a hole, `{x:yyyy-MM-dd'T'HH}`: no code, so that its quotes open nothing.
_FORMAT: Final = re.compile(r'(?:[^"{}\r\n]++|\{\{|\}\}(?=\}))*+')


@dataclass(frozen=True, slots=True)
class Extent:
    """What was found from an opening bracket on."""

    end: int | None
    """Behind the closing bracket; None if there is none."""
    stopped: int
    """Where reading stopped: the end, or the thing that has no end itself."""
    problem: str = ""
    """What has no end, in words."""
    has_entities: bool = False
    """Code holds `&amp;` or its like, which is no C#: the author wrote it escaped."""


@dataclass(slots=True)
class _Reader:
    text: str
    at: int
    stop: int
    stack: list[tuple[str, int]] = field(default_factory=list)
    """Awaited closers with the place of what they close. `$` and `$@` are interpolated strings, whose next is text;
    a hole awaits `}` as any other brace does, with one of these below it."""
    has_entities: bool = False


def extent(text: str, start: int, stop: int) -> Extent:
    """Find the end of the bracket at `start`, looking no further than `stop`."""
    reader = _Reader(text, start + 1, stop, [(_CLOSERS[text[start]], start)])
    while reader.stack:
        is_text = reader.stack[-1][0] in ("$", "$@")
        problem = _string_text(reader) if is_text else _code(reader)
        if problem:
            return Extent(None, reader.at, problem, reader.has_entities)
    return Extent(reader.at, reader.at, "", reader.has_entities)


def _code(reader: _Reader) -> str:
    """Read code up to the next bracket or string hole; the problem, if there is one."""
    match = _INTERESTING.search(reader.text, reader.at, reader.stop)
    if match is None:
        opening = reader.text[reader.stack[-1][1]]
        reader.at = reader.stack[-1][1]
        return f"`{opening}` has no `{reader.stack[-1][0]}`"
    reader.at = match.start()
    character = match[0]
    if character in _CLOSERS:
        reader.stack.append((_CLOSERS[character], reader.at))
        reader.at += 1
        return ""
    if character in ")]}":
        return _closed(reader, character)
    if character in "\"'/":
        return _literal_or_comment(reader, character)
    if character in "$@":
        return _prefixed(reader)
    if character == "&" and ENTITY.match(reader.text, reader.at, reader.stop):
        reader.has_entities = True
    if character == ":" and _in_hole(reader):
        # `::` is the namespace qualifier. A `?:` must stand in parentheses here, so any other colon begins a format.
        if reader.text.startswith("::", reader.at):
            reader.at += 2
            return ""
        reader.at = _end(_FORMAT, reader, reader.at + 1)
        return "" if reader.text.startswith("}", reader.at) and reader.at < reader.stop else "a format has no `}`"
    reader.at += 1
    return ""


def _closed(reader: _Reader, character: str) -> str:
    expected, opened = reader.stack[-1]
    if character != expected:
        return f"`{reader.text[opened]}` is closed by `{character}`"
    reader.stack.pop()
    reader.at += 1
    return ""


def _in_hole(reader: _Reader) -> bool:
    return len(reader.stack) > 1 and reader.stack[-1][0] == "}" and reader.stack[-2][0] in ("$", "$@")


def _literal_or_comment(reader: _Reader, character: str) -> str:
    if character == '"':
        return _skip(_REGULAR, reader, "a string has no end on its line")
    if character == "'":
        return _skip(_CHARACTER, reader, "a character literal has no end")
    if reader.text.startswith("//", reader.at):
        return _skip(_LINE_COMMENT, reader, "")
    if reader.text.startswith("/*", reader.at):
        return _skip(_BLOCK_COMMENT, reader, "a comment `/*` has no `*/`")
    reader.at += 1
    return ""


def _prefixed(reader: _Reader) -> str:
    """`@"`, `$"`, `$@"`, `@$"`; or `@` before a name."""
    if reader.text.startswith('@"', reader.at):
        return _skip(_VERBATIM, reader, 'a verbatim string @" has no end')
    if (match := _INTERPOLATED.match(reader.text, reader.at, reader.stop)) is not None:
        reader.stack.append(("$@" if "@" in match[0] else "$", reader.at))
        reader.at = match.end()
        return ""
    reader.at += 1
    return ""


def _string_text(reader: _Reader) -> str:
    """Read an interpolated string from here to its end or its next hole."""
    kind, opened = reader.stack[-1]
    reader.at = _end(_TEXT if kind == "$" else _VERBATIM_TEXT, reader, reader.at)
    following = reader.text[reader.at : reader.at + 1] if reader.at < reader.stop else ""
    if following == '"':
        reader.stack.pop()
        reader.at += 1
        return ""
    if following == "{":
        reader.stack.append(("}", reader.at))
        reader.at += 1
        return ""
    if following == "}":
        return "a `}` in an interpolated string stands alone; write `}}`"
    reader.at = opened
    return "an interpolated string has no end" + ("" if kind == "$@" else " on its line")


def _skip(pattern: re.Pattern[str], reader: _Reader, problem: str) -> str:
    match = pattern.match(reader.text, reader.at, reader.stop)
    if match is None:
        return problem
    reader.at = match.end()
    return ""


def _end(pattern: re.Pattern[str], reader: _Reader, start: int) -> int:
    match = pattern.match(reader.text, start, reader.stop)
    return match.end() if match else start
