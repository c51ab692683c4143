"""Every code has its page, and every page its code."""

from __future__ import annotations

import pytest

from tidegate.diagnostics.codes import CODES
from tidegate.diagnostics.pages import page, pages

SECTIONS = ("## What it means", "## Why it matters", "## Example", "## Use instead")


def test_every_code_has_a_page() -> None:
    """`tidegate explain` knows each code that a diagnostic can carry."""
    assert not sorted(CODES.keys() - set(pages()))


def test_every_page_has_a_code() -> None:
    """No page describes what Tidegate never says."""
    assert not sorted(set(pages()) - CODES.keys())


@pytest.mark.parametrize("code", pages())
def test_page_has_its_sections(code: str) -> None:
    """A page is headed by code and slug, and has every section once, in order, with two examples."""
    text = page(code)
    assert text.splitlines()[0] == f"# {code} {CODES[code].slug}"
    assert [line for line in text.splitlines() if line.startswith("## ")][: len(SECTIONS)] == list(SECTIONS)
    assert text.count("\n```") == 4


def test_page_is_found_by_slug_and_any_case() -> None:
    """A code may be typed in lower case, and a slug works as well."""
    assert page("tg1014") == page("duplicate-key") == page("TG1014")


def test_unknown_code_names_the_nearest() -> None:
    """A typing mistake is answered with the code that was probably meant."""
    with pytest.raises(LookupError, match="TG9999 is no diagnostic"):
        page("TG9999")
    with pytest.raises(LookupError, match="did you mean duplicate-key"):
        page("duplicat-key")
