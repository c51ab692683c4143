"""Places."""

from __future__ import annotations

import pytest

from tidegate.diagnostics import Located, Span


def test_spans_join_within_a_file() -> None:
    """And refuse what cannot be."""
    assert Span("a", 1, 2, 1, 3).to(Span("a", 2, 1, 2, 5)) == Span("a", 1, 2, 2, 5)
    assert Span("a", 1, 2, 1, 3).start == Span("a", 1, 2, 1, 2)
    with pytest.raises(ValueError, match="two files"):
        Span("a", 1, 2, 1, 3).to(Span("b", 2, 1, 2, 5))
    with pytest.raises(ValueError, match="1-based"):
        Span("a", 0, 1, 1, 1)
    with pytest.raises(ValueError, match="ends before it starts"):
        Span("a", 1, 2, 1, 1)


def test_located_values_compare_with_their_place() -> None:
    """The same value elsewhere is another."""
    assert Located(1, Span("a", 1, 1, 1, 2)) != Located(1, Span("a", 2, 1, 2, 2))
    assert str(Span("a", 2, 1, 2, 2)) == "a:2:1"
