"""Named values: `{{name}}` is replaced by text, anywhere, before anything is compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import policies as codes
from tidegate.diagnostics.suggest import did_you_mean_or_known
from tidegate.sources.placed import Placed

_PLACE: Final = re.compile(r"\{\{\s*([A-Za-z0-9_.\-]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A named value by its display name, which is what `{{}}` names."""

    name: str
    value: str = field(repr=False)
    secret: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a written text: cut from the source, or put in the place of a named value."""

    start: int
    placed: Placed
    at: int
    fixed: Span | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A text after substitution. Every character knows its place; those of a named value have the place of its name."""

    text: str
    whole: Span
    _pieces: tuple[_Piece, ...]
    secret: bool = False
    """Whether a secret named value is part of it."""

    def span(self, start: int, end: int) -> Span:
        """The place of `text[start:end]`."""
        first = self._piece(start)
        last = self._piece(max(start, end - 1))
        begin = first.fixed or first.placed.span(first.at + start - first.start, first.at + start - first.start)
        if last.fixed:
            return begin.to(last.fixed)
        stop = last.at + end - last.start
        return begin.to(last.placed.span(stop, stop))

    def cut(self, start: int, end: int) -> Written:
        """A part of it, with the same places."""
        first = self._piece(start)
        inside = [p for p in self._pieces if start < p.start < end]
        head = _Piece(0, first.placed, first.at + start - first.start, first.fixed)
        moved = (_Piece(p.start - start, p.placed, p.at, p.fixed) for p in inside)
        return Written(self.text[start:end], self.span(start, end), (head, *moved), self.secret)

    def _piece(self, index: int) -> _Piece:
        return next((p for p in reversed(self._pieces) if p.start <= index), self._pieces[0])


def substitute(
    placed: Placed, values: Mapping[str, NamedValue], *, found: Found, is_template: bool = False
) -> Written | None:
    """Fill in the named values. None if one is not known; in a Liquid template, that is a value of its own."""
    text, pieces, at, secret, complete = "", [], 0, False, True
    for match in _PLACE.finditer(placed.text):
        place = placed.span(match.start(), match.end())
        value = values.get(match[1])
        if value is None and is_template:
            continue
        if value is None:
            found.add(codes.NAMED_VALUE_UNKNOWN, at=place, name=match[1], help=did_you_mean_or_known(match[1], values))
            complete = False
            continue
        pieces.append(_Piece(len(text), placed, at))
        text += placed.text[at : match.start()]
        pieces.append(_Piece(len(text), placed, match.start(), place))
        text += value.value
        at, secret = match.end(), secret or value.secret
    if not complete:
        return None
    pieces.append(_Piece(len(text), placed, at))
    return Written(text + placed.text[at:], placed.whole, tuple(pieces), secret)
