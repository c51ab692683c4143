"""validate-status-code: its action is required, and codes are codes."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ("<validate-status-code />", "unspecified-status-code-action"),
        (
            '<validate-status-code unspecified-status-code-action="prevent">'
            '<status-code code="teapot" action="ignore" /></validate-status-code>',
            "a status code",
        ),
    ],
)
def test_what_is_refused(policy: str, said: str) -> None:
    """One finding each, before anything starts."""
    (problem,) = problems(document_text(outbound=policy))
    assert said in problem
