"""What every reader checks first: size, and characters that no format allows."""

from __future__ import annotations

import re
from typing import Final

from tidegate.diagnostics import Found, Span
from tidegate.diagnostics.codes import reading
from tidegate.sources import limits
from tidegate.sources.source import Source

# XML 1.0 §2.2 and YAML 1.1 §5.1 agree on these: control characters, halves of surrogate pairs, two non-characters.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def oversized(source: Source, found: Found) -> bool:
    """Whether the text exceeds the limit; recorded if so."""
    # A character has one byte at least: most texts need no encoding to know.
    if len(source.text) * 4 <= limits.FILE_BYTES:
        return False
    size = len(source.text.encode("utf-8", "surrogatepass"))
    if size <= limits.FILE_BYTES:
        return False
    found.add(reading.FILE_TOO_LARGE, at=source.span(0, 0), path=source.path, size=size, limit=limits.FILE_BYTES)
    return True


def forbidden_character(source: Source, found: Found, *, format: str) -> bool:
    """Whether the text holds a character that cannot stand in any of our formats; the first is recorded."""
    match = _FORBIDDEN.search(source.text)
    if match is None:
        return False
    found.add(
        reading.CHARACTER_FORBIDDEN,
        at=source.span(match.start(), match.end()),
        character=f"U+{ord(match[0]):04X}",
        format=format,
        help="remove it; files of text hold no such characters",
    )
    return True


def nul_escape(text: str, span: Span, found: Found) -> bool:
    """Whether an escape in a string gave the character NUL, which ends texts in much that reads them; recorded."""
    if "\0" not in text:
        return False
    found.add(reading.CHARACTER_FORBIDDEN, at=span, character="U+0000", format="a value", label="given by an escape")
    return True
