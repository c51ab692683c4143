"""validate-parameters: actions that are missing or unknown."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ('<validate-parameters specified-parameter-action="prevent" />', "unspecified-parameter-action"),
        (
            '<validate-parameters specified-parameter-action="x" unspecified-parameter-action="ignore" />',
            "ignore, prevent, detect",
        ),
        (
            '<validate-parameters specified-parameter-action="ignore" unspecified-parameter-action="ignore">'
            '<path unspecified-parameter-action="ignore" /></validate-parameters>',
            "unspecified-parameter-action",
        ),
    ],
)
def test_what_is_refused(policy: str, said: str) -> None:
    """One finding each, before anything starts."""
    (problem,) = problems(document_text(policy))
    assert said in problem
