"""Every code has its page, and every page its code."""

from __future__ import annotations

import re

import pytest

from tidegate.diagnostics import Found
from tidegate.diagnostics.codes import CODES
from tidegate.diagnostics.pages import page, pages
from tidegate.sources import Source, read_json, read_xml, read_yaml

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


def examples(code: str) -> list[tuple[str, str]]:
    """Language and text of a page's fences."""
    return re.findall(r"^```(\w*)\n(.*?)^```", page(code), re.DOTALL | re.MULTILINE)


# 257 attributes would not fit on a page.
READING = [
    code for code in pages() if "TG1010" <= code <= "TG1045" and code != "TG1043" and "console" not in page(code)
]


@pytest.mark.parametrize("code", READING)
def test_examples_of_reading_are_true(code: str) -> None:
    """The example gives its code when it is read, and what to use instead gives none."""
    readers = {"yaml": read_yaml, "json": read_json, "xml": read_xml}
    said = []
    for language, text in examples(code):
        found = Found()
        # A page shows a part of a document; two elements in a row need something around them.
        whole = f"<p>{text}</p>" if language == "xml" and "<!DOCTYPE" not in text else text
        readers[language](Source("example", whole), found)
        said.append({diagnostic.code.code for diagnostic in found})
    assert said == [{code}, set()]
