"""Findings and their collector."""

from __future__ import annotations

from tidegate.diagnostics import Found, Severity, Span
from tidegate.diagnostics.code import error, warning

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


def test_findings_of_another_stage_are_taken_over() -> None:
    """Each once."""
    found, other = Found(), Found()
    other.add(ODD, at=None, text="x")
    found.extend(other)
    found.extend(other)
    assert list(found) == list(other)
