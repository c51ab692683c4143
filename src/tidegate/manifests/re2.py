"""Which regular expressions Envoy takes: the syntax of RE2, as its parser reads it in Latin-1.

One pattern that RE2 refuses keeps Envoy from taking any change at all, so it must be known here, where the author's
line is known too. What this accepts, RE2 accepts; a few oddities that RE2 takes (flags before a repetition, names of
scripts) are refused. Envoy matches bytes: outside ASCII a character is the bytes of its UTF-8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

MAX_SIZE: Final = 5_000
"""Instructions of the compiled pattern, estimated from above. `envoy.bootstrap` allows four times as many."""
_MAX_REPEAT: Final = 1_000
_MAX_DEPTH: Final = 200

_REPETITION: Final = re.compile(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")
_GROUP_NAME: Final = re.compile(r"\(\?P?<([A-Za-z0-9_]+)>")
_FLAGS: Final = re.compile(r"\(\?([imsU]*(?:-[imsU]+)?)([:)])")
_POSIX: Final = re.compile(r"\[:(\^?)([a-z]*):\]")
_HEX: Final = re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
_OCTAL: Final = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_PROPERTY: Final = re.compile(r"[pP](?:([A-Z])|\{\^?([A-Za-z]+)\})")

_CLASS_NAMES: Final = frozenset(
    [
        "alnum",
        "alpha",
        "ascii",
        "blank",
        "cntrl",
        "digit",
        "graph",
        "lower",
        "print",
        "punct",
        "space",
        "upper",
        "word",
        "xdigit",
    ]
)
_PROPERTIES: Final = frozenset(
    [
        "Any",
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cs",
        "L",
        "Ll",
        "Lm",
        "Lo",
        "Lt",
        "Lu",
        "M",
        "Mc",
        "Me",
        "Mn",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Pe",
        "Pf",
        "Pi",
        "Po",
        "Ps",
        "S",
        "Sc",
        "Sk",
        "Sm",
        "So",
        "Z",
        "Zl",
        "Zp",
        "Zs",
    ]
)
_PERL_CLASSES: Final = frozenset("dDsSwW")
_EMPTY_WIDTH: Final = frozenset("AbBz")
_LETTER_ESCAPES: Final = frozenset("afnrtv")
_CLASS_SIZE: Final = 12
"""Instructions of a named class, at most: one for each of its ranges in Latin-1."""


class _Bad(Exception):
    """What is wrong with the pattern."""


@dataclass(slots=True)
class _Group:
    """An open parenthesis (or the whole pattern) and what it holds so far."""

    opening: int
    size: int = 0
    repeats: int = 1
    """The largest product of repetitions nested inside."""
    last_size: int = 0
    """Of the piece before the cursor: what a repetition repeats."""
    last_repeats: int = 1
    repeatable: bool = False
    repeated: bool = False
    """Whether the piece ends in a repetition: RE2 takes no second one."""


def problem(pattern: str) -> str:
    """Why RE2 refuses a pattern; "" when it does not."""
    try:
        _Parser(pattern.encode("utf-8", "surrogatepass").decode("latin-1")).parse()
    except _Bad as bad:
        return str(bad)
    return ""


@dataclass(slots=True)
class _Parser:
    text: str
    at: int = 0
    groups: list[_Group] = field(default_factory=lambda: [_Group(0)])

    def parse(self) -> None:
        while self.at < len(self.text):
            self._step()
        if len(self.groups) > 1:
            raise _Bad("a `(` is never closed")
        self._bound(self.groups[0].size)

    def _step(self) -> None:
        match self.text[self.at]:
            case "(":
                self._open()
            case ")":
                self._close()
            case "|":
                self.groups[-1].size += 1
                self.groups[-1].repeatable = False
                self.at += 1
            case "*" | "+" | "?" as operator:
                self._repeat(operator, (1, -1) if operator == "+" else (0, 1 if operator == "?" else -1), 1)
            case "{" if match := _REPETITION.match(self.text, self.at):
                low = int(match[1])
                high = low if match[2] is None else int(match[3]) if match[3] else -1
                self._repeat(match[0], (low, high), len(match[0]))
            case "[":
                self._piece(self._char_class())
            case "\\":
                self._escape()
            case ".":
                self.at += 1
                self._piece(2)
            case _:
                self.at += 1
                self._piece(1)

    def _piece(self, size: int, repeats: int = 1) -> None:
        group = self.groups[-1]
        group.size += size
        group.repeats = max(group.repeats, repeats)
        group.last_size, group.last_repeats, group.repeatable, group.repeated = size, repeats, True, False
        self._bound(group.size)

    def _bound(self, size: int) -> None:
        if size > MAX_SIZE:
            raise _Bad(f"it comes to more than {MAX_SIZE} instructions; repeat less")

    def _open(self) -> None:
        start = self.at
        if not self.text.startswith("(?", start):
            self.at += 1
        elif match := _GROUP_NAME.match(self.text, start):
            self.at = match.end()
        elif match := _FLAGS.match(self.text, start):
            self.at = match.end()
            if match[2] == ")":
                self.groups[-1].repeatable = False
                return
        else:
            shown = re.match(r"\(\?(P[=>]|<[=!]|.)?", self.text[start:])
            raise _Bad(f"RE2 has no `{shown[0] if shown else '(?'}`: no lookaround, no back-references, no such group")
        if len(self.groups) > _MAX_DEPTH:
            raise _Bad(f"groups are nested more than {_MAX_DEPTH} deep")
        self.groups.append(_Group(start))

    def _close(self) -> None:
        if len(self.groups) == 1:
            raise _Bad("a `)` closes nothing")
        inner = self.groups.pop()
        self.at += 1
        self._piece(inner.size + 2, inner.repeats)

    def _repeat(self, operator: str, bounds: tuple[int, int], length: int) -> None:
        group = self.groups[-1]
        if not group.repeatable:
            raise _Bad(f"`{operator}` has nothing to repeat")
        if group.repeated:
            raise _Bad(f"`{operator}` repeats a repetition; put that into a group")
        low, high = bounds
        if max(low, high) > _MAX_REPEAT or -1 < high < low:
            raise _Bad(f"`{operator}` repeats {'more than 1000 times' if high == -1 or high >= low else 'backwards'}")
        times = max(low, high, 1)
        repeats = group.last_repeats * times
        if repeats > _MAX_REPEAT:
            raise _Bad(f"`{operator}` comes to more than {_MAX_REPEAT} nested repetitions")
        size = (group.last_size + 1) * times + (high == -1)
        group.size += size - group.last_size
        group.last_size, group.last_repeats, group.repeated = size, repeats, True
        group.repeats = max(group.repeats, repeats)
        self._bound(group.size)
        self.at += length
        if self.text.startswith("?", self.at):
            self.at += 1

    def _escape(self) -> None:
        following = self.text[self.at + 1 : self.at + 2]
        if following in _EMPTY_WIDTH and following:
            self.at += 2
            self._piece(1)
        elif following in _PERL_CLASSES or following == "C":
            self.at += 2
            self._piece(5)
        elif following == "Q":
            end = self.text.find("\\E", self.at + 2)
            end = len(self.text) if end < 0 else end
            for _ in self.text[self.at + 2 : end]:
                self._piece(1)
            self.at = min(end + 2, len(self.text))
        elif following in ("p", "P"):
            self._property()
            self._piece(_CLASS_SIZE)
        else:
            self._character()
            self._piece(1)

    def _property(self) -> None:
        match = _PROPERTY.match(self.text, self.at + 1)
        if match is None or (match[1] or match[2]) not in _PROPERTIES:
            raise _Bad(f"`{self.text[self.at : match.end() if match else self.at + 3]}` is no class of characters here")
        self.at = match.end()

    def _character(self) -> int:
        """One character at the cursor, escaped or not; its code."""
        if self.text[self.at] != "\\":
            self.at += 1
            return ord(self.text[self.at - 1])
        following = self.text[self.at + 1 : self.at + 2]
        if not following:
            raise _Bad("a `\\` at the end escapes nothing")
        if match := _HEX.match(self.text, self.at + 1):
            code = int(match[1] or match[2], 16)
            if code > 0xFF:
                raise _Bad(f"`\\{match[0]}` is no byte: paths and headers are matched byte by byte")
        elif match := _OCTAL.match(self.text, self.at + 1):
            code = int(match[0], 8)
            if code > 0xFF:
                raise _Bad(f"`\\{match[0]}` is no byte")
        elif following in _LETTER_ESCAPES:
            self.at += 2
            return 7 + "abtnvfr".index(following)
        elif ord(following) < 0x80 and not following.isalnum():
            self.at += 2
            return ord(following)
        else:
            raise _Bad(f"RE2 has no `\\{following if following.isascii() else '...'}`")
        self.at = match.end()
        return code

    def _char_class(self) -> int:
        """`[...]` at the cursor; its size."""
        start = self.at
        self.at += 2 if self.text.startswith("[^", self.at) else 1
        size, first = 1, True
        while first or not self.text.startswith("]", self.at):
            if self.at >= len(self.text):
                raise _Bad(f"`{self.text[start : start + 10]}` is never closed by `]`")
            first = False
            following = self.text[self.at + 1 : self.at + 2] if self.text[self.at] == "\\" else ""
            if posix := _POSIX.match(self.text, self.at):
                if posix[2] not in _CLASS_NAMES:
                    raise _Bad(f"`{posix[0]}` is no class of characters")
                self.at = posix.end()
                size += _CLASS_SIZE
            elif following and following in _PERL_CLASSES:
                self.at += 2
                size += 5
            elif following in ("p", "P"):
                self._property()
                size += _CLASS_SIZE
            else:
                self._range()
                size += 1
        self.at += 1
        return size

    def _range(self) -> None:
        start = self.at
        low = self._character()
        if self.text.startswith("-", self.at) and self.text[self.at + 1 : self.at + 2] not in ("", "]"):
            self.at += 1
            if self._character() < low:
                raise _Bad(f"the range `{self.text[start : self.at]}` ends before it begins")
