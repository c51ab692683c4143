"""The part on policies."""

from __future__ import annotations

from scripts.pages.policies import NOTES, asked, render
from tidegate.policies.catalogue import CATALOGUE, NOT_YET


def test_names_come_from_what_the_reader_asks_for() -> None:
    """Attributes and children, at every depth, and what is refused."""
    jwt = asked("validate-jwt", CATALOGUE["validate-jwt"])
    assert {"clock-skew", "openid-config@url", "required-claims/claim@match"} <= set(jwt.honoured)
    assert "issuer-signing-keys/key@certificate-id" in jwt.refused
    assert "continue-timeout" in asked("forward-request", CATALOGUE["forward-request"]).refused


def test_every_policy_is_named() -> None:
    """Translated ones have a section and a page, the rest stand in the list of refusals; notes are of policies."""
    text = render()
    assert all(f"### {name}\n" in text for name in CATALOGUE)
    assert all(f"(policies/{name}.md)" in text for name in CATALOGUE)
    assert NOTES.keys() <= {"base", *CATALOGUE}
    assert all(f"`{name}`" in text for name in NOT_YET)
