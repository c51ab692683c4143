"""Secrets that stand in the text."""

from __future__ import annotations

import pytest

from policy_lints import lints
from policy_programs import document_text, problems, set_header


@pytest.mark.parametrize(
    ("inbound", "count"),
    [
        (set_header("Authorization", "Basic dXNlcjpwYXNzd29yZA=="), 1),
        (set_header("Ocp-Apim-Subscription-Key", "0123456789abcdef0123456789abcdef"), 1),
        (set_header("X-Link", "https://store.example.com/a?sv=1&amp;sig=abcdefghijklmnopqrstuvwx%3D"), 1),
        (set_header("X-Db", '@("AccountKey=" + "x")'), 0),
        (set_header("X-Db", '@("AccountKey=0123456789" + "x")'), 1),
        (set_header("Authorization", '@("Bearer " + context.Request.Method)'), 0),
        (set_header("Authorization", "none"), 0),
        (set_header("X-Mode", "0123456789abcdef0123456789abcdef"), 0),
    ],
)
def test_secrets_in_the_text(inbound: str, count: int) -> None:
    """By the header's name, and by the shapes that credentials have."""
    assert lints(document_text(inbound), code="TG2505") == ["TG2505"] * count


def test_a_named_value_stands_elsewhere() -> None:
    """That it must be secret there is the named value's matter."""
    text = document_text(set_header("Authorization", "Basic {{credential}}"))
    found = problems(text, named_values={"credential": "dXNlcjpwYXNzd29yZA=="})
    assert not [line for line in found if "TG2505" in line]
