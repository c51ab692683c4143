"""validate-headers: both actions are required."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ('<validate-headers specified-header-action="ignore" />', "unspecified-header-action"),
    ],
)
def test_what_is_refused(policy: str, said: str) -> None:
    """One finding each, before anything starts."""
    (problem,) = problems(document_text(outbound=policy))
    assert said in problem
