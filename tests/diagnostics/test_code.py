"""The table of codes."""

from __future__ import annotations

import pytest

from tidegate.diagnostics import Code, Severity
from tidegate.diagnostics.codes import CODES


@pytest.mark.parametrize(
    ("code", "slug", "template", "problem"),
    [
        ("TG0001", "a", "a", "must be TG and four digits"),
        ("TG1000", "A b", "a", "lower-case words joined by hyphens"),
        ("TG1000", "a", "a.", "no final period"),
    ],
)
def test_codes_keep_their_shape(code: str, slug: str, template: str, problem: str) -> None:
    """A row of the table that breaks the rules is refused when it is declared."""
    with pytest.raises(ValueError, match=problem):
        Code(code, slug, Severity.ERROR, template)


@pytest.mark.parametrize("code", CODES.values(), ids=str)
def test_messages_follow_the_house_style(code: Code) -> None:
    """Lower case after the slug unless a name; no please, invalid or failed; no escapes left over from writing."""
    words = code.template.lower().split()
    assert not {"please", "invalid", "failed", "unexpected"} & set(words)
    assert "\\" not in code.template
    assert len(code.template) < 160
