"""Texts of input files as they may be shown: what is secret is covered, every place stays where it was.

A diagnostic is drawn with the lines around it. Those may hold a Secret although the finding is about something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from typing import Final

from tidegate.diagnostics import Span
from tidegate.manifests.objects import text_of
from tidegate.manifests.reading import Reading
from tidegate.pipeline.compilation import Compilation
from tidegate.pipeline.compile import Remembered
from tidegate.sources import Mapping, Node, Sequence, Source, SourceSet

_COVER: Final = "*"
_MENTIONS_SECRETS: Final = re.compile(r"kind\W+Secret\b|secretText|namedValueInformation")
_KEY: Final = re.compile(r"[ \t]*(?:- +)*[\"']?[\w./-]+[\"']?:(?=\s)|---$")


def shown_texts(compilation: Compilation, sources: SourceSet) -> AbstractMapping[str, str]:
    """Every file's text by path. Of a file that could not be read and mentions secrets, no value is shown."""
    remembered = compilation.previous
    readings = remembered.manifests.readings if isinstance(remembered, Remembered) else {}
    return _ShownTexts(sources, readings)


@dataclass(frozen=True)
class _ShownTexts(AbstractMapping[str, str]):
    """Made when it is asked for: of thousands of files, a diagnostic shows one."""

    sources: SourceSet
    readings: AbstractMapping[str, Reading]

    def __getitem__(self, path: str) -> str:
        return _shown(self.sources.files[path], self.readings.get(path))

    def __iter__(self) -> Iterator[str]:
        return iter(self.sources.files)

    def __len__(self) -> int:
        return len(self.sources.files)


def _shown(source: Source, reading: Reading | None) -> str:
    if reading is None:
        return source.text
    if not reading.parsed:
        return _without_values(source.text) if _MENTIONS_SECRETS.search(source.text) else source.text
    spans = [span for root in reading.roots for span in _secrets(root)]
    return _covered(source, spans) if spans else source.text


def _secrets(node: Node) -> list[Span]:
    """The places of values that nobody may see."""
    match node:
        case Sequence(items=items):
            return [span for item in items for span in _secrets(item)]
        case Mapping(entries=entries):
            whole = text_of(node.get("kind")) == "Secret"
            spans: list[Span] = []
            for key, entry in entries.items():
                is_secret = (whole and key in ("data", "stringData")) or key == "secretText"
                if is_secret or (key == "value" and _is_secret(node)):
                    spans += _leaves(entry.node)
                else:
                    spans += _secrets(entry.node)
            return spans
        case _:
            return []


def _is_secret(named_value: Mapping) -> bool:
    secret = named_value.get("secret")
    return "displayName" in named_value.entries and getattr(secret, "value", False) is True


def _leaves(node: Node) -> list[Span]:
    match node:
        case Mapping(entries=entries):
            return [span for entry in entries.values() for span in _leaves(entry.node)]
        case Sequence(items=items):
            return [span for item in items for span in _leaves(item)]
        case _:
            return [node.span]


def _covered(source: Source, spans: list[Span]) -> str:
    text = source.text
    for span in spans:
        start, end = source.offset(span.line, span.column), source.offset(span.end_line, span.end_column)
        text = text[:start] + re.sub(r"\S", _COVER, text[start:end]) + text[end:]
    return text


def _without_values(text: str) -> str:
    """Keys stay; everything behind one, and every line without one, is covered."""
    lines = text.splitlines(keepends=True)
    keys = [match.end() if (match := _KEY.match(line)) else 0 for line in lines]
    return "".join(line[:end] + re.sub(r"\S", _COVER, line[end:]) for line, end in zip(lines, keys, strict=True))
