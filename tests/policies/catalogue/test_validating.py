"""What the policies that validate messages refuse before anything starts, and what programs say they need."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program

CONTENT = (
    '<validate-content unspecified-content-type-action="prevent" max-size="{size}" size-exceeded-action="detect">'
    "{inside}</validate-content>"
)
JSON = '<content validate-as="json" action="prevent" />'


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (CONTENT.format(size=0, inside=JSON), "between 1 and 102400"),
        (CONTENT.format(size=102401, inside=JSON), "between 1 and 102400"),
        (CONTENT.format(size=9, inside='<content validate-as="xml" action="prevent" />'), "json"),
        (CONTENT.format(size=9, inside='<content validate-as="json" action="stop" />'), "ignore, prevent, detect"),
        (CONTENT.format(size=9, inside='<content validate-as="json" action="prevent" schema-id="a" />'), "schema-id"),
        (CONTENT.format(size=9, inside='<content-type-map><type to="a/b" /></content-type-map>'), "`from` and `when`"),
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
def test_requests(policy: str, said: str) -> None:
    """One finding each, at its place."""
    (problem,) = problems(document_text(policy))
    assert said in problem


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ('<validate-headers specified-header-action="ignore" />', "unspecified-header-action"),
        ("<validate-status-code />", "unspecified-status-code-action"),
        (
            '<validate-status-code unspecified-status-code-action="prevent">'
            '<status-code code="teapot" action="ignore" /></validate-status-code>',
            "a status code",
        ),
    ],
)
def test_responses(policy: str, said: str) -> None:
    """The same in outbound."""
    (problem,) = problems(document_text(outbound=policy))
    assert said in problem


def test_what_programs_need() -> None:
    """Operations bring only what their policies ask for."""
    parameters = '<validate-parameters specified-parameter-action="{}" unspecified-parameter-action="ignore" />'
    assert program(document_text(CONTENT.format(size=9, inside=JSON))).needs == {"request"}
    assert program(document_text(parameters.format("ignore"))).needs == {"parameters"}
    assert program(document_text(parameters.format('@(1 == 1 ? "ignore" : "detect")'))).needs == {"parameters"}
    status = '<validate-status-code unspecified-status-code-action="prevent" errors-variable-name="e" />'
    assert program(document_text(outbound=status)).needs == {"responses"}
    assert program(document_text("<mock-response />")).needs == {"mock"}
    assert program(document_text()).needs == frozenset()
