"""The tables of contents of docs/ name every page, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("folder", ["docs", "docs/policies"])
def test_every_page_is_in_the_table_of_its_folder(folder: str) -> None:
    """A page that nobody finds might as well not be there."""
    pages = {path.name for path in (ROOT / folder).glob("*.md")} - {"README.md"}
    linked = set(LINK.findall((ROOT / folder / "README.md").read_text("utf-8")))
    assert pages - linked == set()


@pytest.mark.parametrize(
    "page",
    ["README.md", "docs/README.md", "docs/policies/README.md", "docs/architecture.md", "examples/apiops/README.md"],
)
def test_links_lead_somewhere(page: str) -> None:
    """From where they stand."""
    file = ROOT / page
    missing = [target for target in LINK.findall(file.read_text("utf-8")) if not (file.parent / target).exists()]
    assert missing == []
