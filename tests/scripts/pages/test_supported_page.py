"""docs/supported.md as a whole."""

from __future__ import annotations

from scripts.pages.supported_page import render


def test_the_parts_stand_in_order() -> None:
    """Manifests, policies, expressions, token service."""
    text = render()
    places = [text.index(f"## {name}\n") for name in ("Manifests", "Policies", "Expressions", "Token service")]
    assert places == sorted(places)
