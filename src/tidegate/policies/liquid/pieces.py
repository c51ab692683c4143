"""A template's text in pieces: text, `{{ outputs }}` and `{% tags %}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["text", "output", "tag", "unclosed"]

_OPENING: Final = re.compile(r"\{\{-?|\{%-?")
_CLOSING: Final = {"output": re.compile(r"-?\}\}"), "tag": re.compile(r"-?%\}")}
_VERBATIM: Final = re.compile(r"\{%-?\s*(raw|literal|comment)\s*-?%\}")


@dataclass(frozen=True, slots=True)
class Piece:
    kind: Kind
    text: str
    """Of an output or tag, what stands between its signs, with the white space around it."""
    start: int
    """Where `text` begins in the template."""


def pieces(template: str) -> Iterator[Piece]:
    """The template in order. `{%-` and `-%}` take the white space before and behind with them; what stands in `raw`,
    `literal` and `comment` is one text, between its two tags."""
    at, trim = 0, False
    while at < len(template):
        opening = _OPENING.search(template, at)
        stop = opening.start() if opening else len(template)
        yield from _text(template, at, stop, left=trim, right=bool(opening and opening[0].endswith("-")))
        if not opening:
            return
        kind: Literal["output", "tag"] = "output" if opening[0].startswith("{{") else "tag"
        closing = _closing(template, opening.end(), kind)
        if closing is None:
            yield Piece("unclosed", opening[0], opening.start())
            return
        yield Piece(kind, template[opening.end() : closing.start()], opening.end())
        at, trim = closing.end(), closing[0].startswith("-")
        if verbatim := _VERBATIM.fullmatch(template, opening.start(), at):
            end = re.compile(rf"\{{%-?\s*end{verbatim[1]}\s*-?%\}}").search(template, at)
            if end is None:
                continue
            if end.start() > at:
                yield from _text(template, at, end.start(), left=trim, right=end[0].startswith("{%-"))
            yield Piece("tag", f"end{verbatim[1]}", end.start())
            at, trim = end.end(), end[0].endswith("-%}")


def _closing(template: str, at: int, kind: str) -> re.Match[str] | None:
    """The closing sign, not inside quotes."""
    pattern = _CLOSING[kind]
    while True:
        closing = pattern.search(template, at)
        if closing is None:
            return None
        quote = re.compile("[\"']").search(template, at, closing.start())
        if quote is None:
            return closing
        end = template.find(quote[0], quote.end())
        if end < 0:
            return closing
        at = end + 1


def _text(template: str, start: int, stop: int, *, left: bool, right: bool) -> Iterator[Piece]:
    text = template[start:stop]
    if left:
        text = text.lstrip()
    kept = stop - len(text)
    if right:
        text = text.rstrip()
    if text:
        yield Piece("text", text, kept)
