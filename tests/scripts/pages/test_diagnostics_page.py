"""docs/diagnostics.md."""

from __future__ import annotations

from scripts.pages.diagnostics_page import AREAS, cell, page
from tidegate.diagnostics.code import error, warning
from tidegate.diagnostics.codes import CODES


def test_codes_stand_in_their_area() -> None:
    """One table per range; a range without codes has none."""
    text = page([error("TG9998", "some-error", "a message"), warning("TG1998", "some-warning", "another | one")])
    assert "| TG1998 | some-warning | warning | another \\| one |" in text
    assert text.index("## TG1:") < text.index("TG1998") < text.index("## TG9:") < text.index("TG9998")
    assert "## TG2:" not in text


def test_every_code_has_an_area() -> None:
    """No code is left out of the page."""
    assert {code[:3] for code in CODES} <= set(AREAS)


def test_a_cell_is_one_line() -> None:
    """Line breaks and bars would break the table."""
    assert cell("a\n  b | c") == "a b \\| c"
