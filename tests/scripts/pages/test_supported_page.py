"""docs/supported.md as a whole."""

from __future__ import annotations

from scripts.pages.supported_page import render


def test_the_parts_stand_in_order() -> None:
    """Manifests, APIOps folders, policies, expressions, token service."""
    text = render()
    parts = ("Manifests", "APIOps folders", "Policies", "Expressions", "Token service")
    places = [text.index(f"## {name}\n") for name in parts]
    assert places == sorted(places)


def test_fields_of_apiops_files_come_from_their_schemas() -> None:
    """As with manifests: what is refused is named."""
    text = render()
    assert "`apiVersionSetId`" in text
    assert "`keyVault`" in text
