"""The generated pages say what the code says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.generate_docs import PAGES, ROOT, drifted, write

if TYPE_CHECKING:
    from pathlib import Path


def test_no_generated_page_has_drifted() -> None:
    """The committed pages are what the code generates now; `make docs` writes them."""
    assert drifted(ROOT) == {}


def test_a_page_that_drifted_is_shown_with_its_difference(tmp_path: Path) -> None:
    """An edit by hand is found, and the difference names the line."""
    write(tmp_path)
    assert drifted(tmp_path) == {}
    page = tmp_path / next(iter(PAGES))
    page.write_text(page.read_text() + "Everything is supported.\n")
    assert "-Everything is supported." in drifted(tmp_path)[next(iter(PAGES))]
