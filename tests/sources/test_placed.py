"""Decoded text and the way back."""

from __future__ import annotations

import pytest

from tidegate.sources.placed import place
from tidegate.sources.source import Source

SOURCE = Source("a", " x &amp;&#x41; y\r\n&lt;é")


def test_parts_keep_their_places() -> None:
    """A part of a decoded text stands where it was written, at both ends."""
    placed = place(SOURCE, 0, len(SOURCE.text), entities=True)
    assert placed.text == " x &A y\n<é"
    part = placed.cut(3, 5)
    assert part.text == "&A"
    assert SOURCE.cut(part.whole) == "&amp;&#x41;"
    assert SOURCE.cut(part.cut(1, 2).whole) == "&#x41;"
    assert SOURCE.cut(placed.strip().whole) == SOURCE.text.strip()
    assert SOURCE.cut(placed.cut(3, 3).whole) == ""


def test_nothing_is_decoded_where_entities_mean_themselves() -> None:
    """Bare expressions and character data keep `&amp;`; line breaks are LF all the same."""
    placed = place(SOURCE, 0, len(SOURCE.text), entities=False)
    assert placed.text == " x &amp;&#x41; y\n&lt;é"
    assert SOURCE.cut(placed.span(17, 21)) == "&lt;"


def test_white_space_only_strips_to_nothing() -> None:
    """An empty part stands at the beginning."""
    assert place(SOURCE, 0, 1, entities=True).strip().text == ""


def test_positions_outside_are_our_own_mistake() -> None:
    """Asking beyond the text raises."""
    with pytest.raises(IndexError, match="index 2 is outside of a text of 1 characters"):
        place(SOURCE, 0, 1, entities=True).offset(2)
