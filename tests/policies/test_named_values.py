"""Named values are put in as text; every character keeps its place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from expression_lab import placed
from tidegate.diagnostics import Found
from tidegate.policies.named_values import NamedValue, substitute

VALUES = {name: NamedValue(name, value) for name, value in (("a", "long text"), ("b-1.c", ""), ("x", "{{a}}"))}


def test_places_after_substitution() -> None:
    """Text keeps its own columns; what a named value brought has the columns of its name."""
    written = substitute(placed("1{{a}}2{{ b-1.c }}3"), VALUES, found=Found())
    assert written
    assert written.text == "1long text23"
    columns = [(s.column, s.end_column) for s in (written.span(i, i + 1) for i in range(len(written.text)))]
    assert columns == [(1, 2), *[(2, 7)] * 9, (7, 8), (19, 20)]
    assert (written.span(0, 12).column, written.span(0, 12).end_column) == (1, 20)
    part = written.cut(9, 12)
    assert (part.text, part.span(0, 1).column, part.span(1, 2).column) == ("t23", 2, 7)


def test_values_are_not_filled_in_again() -> None:
    """A value that looks like a place stays as it is."""
    written = substitute(placed("{{x}}"), VALUES, found=Found())
    assert written
    assert written.text == "{{a}}"


def test_unknown_names_are_all_reported() -> None:
    """Each at its own place."""
    found = Found()
    assert substitute(placed("{{c}} {{a}} {{d}}"), VALUES, found=found) is None
    assert [(d.code.code, d.span.column) for d in found if d.span] == [("TG2015", 1), ("TG2015", 13)]


def test_other_braces_are_text() -> None:
    """Liquid and C# have braces of their own."""
    for text in ("{{ a b }}", "{a}", "{{}}", "{{a", "{{'x'}}"):
        written = substitute(placed(text), VALUES, found=Found())
        assert written
        assert written.text == text


@given(st.lists(st.sampled_from(["x", "é😀", "{{a}}", "{{b-1.c}}", "\n", "{"]), max_size=8).map("".join))
def test_spans_stay_inside_the_text(text: str) -> None:
    """Any stretch has a place, in order, within the source."""
    written = substitute(placed(text), VALUES, found=Found())
    assert written
    for start in range(len(written.text)):
        for end in range(start + 1, len(written.text) + 1):
            span = written.span(start, end)
            assert written.whole.line <= span.line <= span.end_line <= written.whole.end_line
            assert written.cut(start, end).span(0, end - start) == span
