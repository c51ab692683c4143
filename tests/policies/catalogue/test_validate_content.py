"""validate-content: sizes, engines and maps that are not accepted."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems

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
    ],
)
def test_what_is_refused(policy: str, said: str) -> None:
    """One finding each, before anything starts."""
    (problem,) = problems(document_text(policy))
    assert said in problem
