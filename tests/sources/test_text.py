"""What every reader checks first."""

from __future__ import annotations

import pytest

from tidegate.diagnostics import Found, Span
from tidegate.sources import Source, limits
from tidegate.sources.text import forbidden_character, nul_escape, oversized


def test_size_is_counted_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on the disk, not in characters."""
    monkeypatch.setattr(limits, "FILE_BYTES", 8)
    found = Found()
    assert not oversized(Source("a", "éééé"), found)
    assert oversized(Source("a", "éééé1"), found)
    assert [d.message for d in found] == ["a has 9 bytes; at most 8 are read"]


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f", "\ud800", "\ufffe"])
def test_the_first_forbidden_character_is_placed(character: str) -> None:
    """By its code point, since it cannot be shown."""
    found = Found()
    assert forbidden_character(Source("a", f"x\n {character}{character}"), found, format="XML")
    assert [d.span for d in found] == [Span("a", 2, 2, 2, 3)]
    assert f"U+{ord(character):04X}" in next(iter(found)).message


def test_ordinary_text_passes() -> None:
    """White space, every script, private and unassigned characters."""
    assert not forbidden_character(Source("a", "\t\r\n é名😀\ue000\ufeff\x85"), Found(), format="YAML")
    assert not nul_escape("a", Span("a", 1, 1, 1, 2), Found())
