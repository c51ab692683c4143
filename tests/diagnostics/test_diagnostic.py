"""Spans, codes and the collector."""

from __future__ import annotations

import pytest

from tidegate.diagnostics import Code, Found, Severity, Span
from tidegate.diagnostics.code import error, warning
from tidegate.diagnostics.codes import CODES

ODD = warning("TG1998", "value-odd", "`{text}` is odd")
BAD = error("TG1999", "value-bad", "`{text}` is bad")


def test_equal_findings_are_kept_once_and_sorted_by_place() -> None:
    """File, line, column, code; those without a place first."""
    found = Found()
    for line in (2, 1, 2):
        found.add(ODD, at=Span("a", line, 1, line, 2), text="x")
    found.add(BAD, at=Span("a", 2, 1, 2, 2), text="x")
    found.add(ODD, at=None, text="y")
    assert [d.concise() for d in found.sorted()] == [
        "warning[TG1998] value-odd: `y` is odd",
        "a:1:1: warning[TG1998] value-odd: `x` is odd",
        "a:2:1: warning[TG1998] value-odd: `x` is odd",
        "a:2:1: error[TG1999] value-bad: `x` is bad",
    ]
    assert len(found) == 4
    assert found.has_errors
    assert not Found([d for d in found if d.severity is Severity.WARNING]).has_errors


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


@pytest.mark.parametrize(
    ("code", "slug", "template", "problem"),
    [
        ("TG0001", "a", "a", "must be TG and four digits"),
        ("TG1000", "A b", "a", "lower-case words joined by hyphens"),
        ("TG1000", "a", "a.", "no final period"),
    ],
)
def test_codes_keep_their_shape(code: str, slug: str, template: str, problem: str) -> None:
    """A row of the table that breaks the rules is refused when it is declared."""
    with pytest.raises(ValueError, match=problem):
        Code(code, slug, Severity.ERROR, template)


@pytest.mark.parametrize("code", CODES.values(), ids=str)
def test_messages_follow_the_house_style(code: Code) -> None:
    """Lower case after the slug unless a name; no please, invalid or failed; no escapes left over from writing."""
    words = code.template.lower().split()
    assert not {"please", "invalid", "failed", "unexpected"} & set(words)
    assert "\\" not in code.template
    assert len(code.template) < 160
