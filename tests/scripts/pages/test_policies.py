"""The part on policies."""

from __future__ import annotations

from scripts.pages.policies import NOTES, asked, render
from tidegate.policies.catalogue import CATALOGUE, NOT_YET


def test_names_come_from_what_the_reader_asks_for() -> None:
    """Attributes and children, at every depth, and what is refused."""
    jwt = asked("validate-jwt", CATALOGUE["validate-jwt"])
    assert {"clock-skew", "openid-config@url", "required-claims/claim@match"} <= set(jwt.honoured)
    assert "<issuer-signing-keys>" in jwt.refused
    assert "timeout" in asked("forward-request", CATALOGUE["forward-request"]).refused


def test_every_policy_is_named() -> None:
    """Translated ones have a section with a note, the rest stand in the list of refusals."""
    text = render()
    assert all(f"### {name}\n" in text for name in CATALOGUE)
    assert set(CATALOGUE) <= set(NOTES)
    assert all(f"`{name}`" in text for name in NOT_YET)
