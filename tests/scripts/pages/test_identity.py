"""The part on the token service."""

from __future__ import annotations

from scripts.pages.identity import grants, render
from tidegate.identity.protocol.grants import GRANTS


def test_every_grant_that_is_served_is_listed() -> None:
    """From the table that decides it."""
    assert all(f"| `{name}` | yes |" in render() for name in GRANTS)


def test_grants_that_entra_has_and_we_have_not_are_a_no() -> None:
    """With the answer that a client gets."""
    assert "| `password` | no: answered with AADSTS70003 |" in grants((), ("password",))


def test_sign_in_is_not_promised() -> None:
    """The endpoint exists because clients insist on it in the metadata; it serves nobody."""
    assert "| `/{tenant}/oauth2/v2.0/authorize` | no:" in render()
