"""Wider scopes that are dropped."""

from __future__ import annotations

import pytest

from policy_lints import lints
from policy_programs import document_text, set_header

WIDE = document_text(on_error=set_header("X-E", "1"))


@pytest.mark.parametrize(
    ("narrow", "found"),
    [
        (document_text(backend="<base />", on_error="<base />"), []),
        (document_text(backend="<base />"), ["TG2504"]),
        (document_text(backend="", on_error="<base />"), ["TG2504"]),
        (document_text(backend="<forward-request />", on_error="<base />"), []),
    ],
)
def test_wider_scopes_that_are_dropped(narrow: str, found: list[str]) -> None:
    """Only where there was something to drop."""
    assert lints(WIDE, narrow, code="TG2504") == found
