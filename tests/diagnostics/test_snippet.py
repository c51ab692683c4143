"""Drawing spans under the author's lines."""

from __future__ import annotations

from tidegate.diagnostics import Span
from tidegate.diagnostics.snippet import Texts, clean, draw


def drawn(text: str, span: Span, *, context: int = 0) -> list[str]:
    """The rows between the rules, without kinds."""
    rows = draw(span, Texts({"a": text}), mark="^", label="", context=context, gutter=1)
    return [f"{number}|{line}" for number, line, kind in rows if kind != "rule"]


def test_context_begins_with_a_line_that_holds_something() -> None:
    """A blank line first is left out, one in between is kept."""
    assert drawn("a\n\nb\nc", Span("a", 4, 1, 4, 2), context=2) == ["3|b", "4|c", " |^"]
    assert drawn("a\n\nb", Span("a", 3, 1, 3, 2), context=2) == ["1|a", "2|", "3|b", " |^"]


def test_a_line_that_does_not_exist_is_not_drawn() -> None:
    """The file may have changed since."""
    assert drawn("a", Span("a", 7, 1, 7, 2)) == []
    assert drawn("a", Span("b", 1, 1, 1, 2)) == []


def test_combining_characters_take_no_cell() -> None:
    """An accent of its own stands over its letter."""
    assert drawn("e\u0301x", Span("a", 1, 3, 1, 4)) == ["1|e\u0301x", " | ^"]


def test_lines_end_as_spans_count_them() -> None:
    """Carriage returns are no part of a line."""
    assert drawn("a\r\nb\rc", Span("a", 3, 1, 3, 2), context=1) == ["2|b", "3|c", " |^"]


def test_long_lines_end_with_dots() -> None:
    """Where the span is near the beginning, nothing is cut there."""
    line, mark = drawn("x" * 500, Span("a", 1, 2, 1, 400))
    assert line.endswith("x ...")
    assert len(mark) < 150


def test_text_becomes_one_harmless_line() -> None:
    """Tabs are spaces there, everything else that moves is an escape."""
    assert clean("a\tb\nc\x07\u2066") == "a b\\nc\\x07\\u2066"
