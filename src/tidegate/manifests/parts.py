"""A YAML file of many documents, read document by document, so that editing one does not read the others again.

A line that begins with `---` ends a document wherever it stands, also inside a scalar (YAML 1.1 section 4.3.1,
"document boundary markers"), so a text can be cut there before anything is parsed. One document that cannot be parsed
leaves the others as they are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from tidegate.diagnostics import Found
from tidegate.manifests.reading import Reading, read_file
from tidegate.sources import Source
from tidegate.sources.text import forbidden_character, oversized

Parts: TypeAlias = Mapping[tuple[str, int], Reading]
"""The readings of a file's documents: by digest, and by the lines before it, since places are part of a reading."""

_CUT: Final = re.compile(r"^(?=---(?:[ \t\r\n]|\Z))", re.MULTILINE)
_UNCUTTABLE: Final = re.compile(r"^%|\r(?!\n)|[\x85\u2028\u2029\ufeff]", re.MULTILINE)
"""Directives belong to the document after them, and some characters end lines for YAML but not for an editor."""


def read_parts(
    source: Source, values: Mapping[str, str], *, before: Reading | None, parts: Parts
) -> tuple[Reading, Parts]:
    """Read one file; `before` and `parts` are what its last reading came to."""
    sources = tuple(_cut(source))
    found = Found()
    if len(sources) < 2 or oversized(source, found) or forbidden_character(source, found, format="YAML"):
        return read_file(source, values, before=before), {}
    digest = hashlib.sha256(f"parts\n{source.digest}\n{sorted(values.items())}".encode()).hexdigest()
    if before is not None and before.digest == digest:
        return before, parts
    read: dict[tuple[str, int], Reading] = {}
    readings = []
    for part in sources:
        last = parts.get((part.digest, part.lines_before))
        reading = read_file(part, values, before=last)
        read[part.digest, part.lines_before] = reading
        readings.append(reading)
    return _joined(digest, readings), read


def _cut(source: Source) -> Iterator[Source]:
    text = source.text
    if not source.path.endswith((".yaml", ".yml")) or _UNCUTTABLE.search(text):
        return
    line = source.lines_before
    starts = [match.start() for match in _CUT.finditer(text)]
    for start, end in zip([0, *starts], [*starts, len(text)], strict=True):
        if start < end:
            part = text[start:end]
            yield Source(source.path, part, lines_before=line)
            line += part.count("\n")


def _joined(digest: str, readings: list[Reading]) -> Reading:
    found = Found()
    for reading in readings:
        found.extend(reading.diagnostics)
    return Reading(
        digest,
        candidates=tuple(each for reading in readings for each in reading.candidates),
        diagnostics=found.sorted(),
        whole=all(reading.whole for reading in readings),
        parsed=all(reading.parsed for reading in readings),
        mistaken_policies=tuple(each for reading in readings for each in reading.mistaken_policies),
        roots=tuple(each for reading in readings for each in reading.roots),
    )
