"""What programs that validate messages say they need of the specification."""

from __future__ import annotations

from policy_programs import document_text, program

CONTENT = (
    '<validate-content unspecified-content-type-action="prevent" max-size="{size}" size-exceeded-action="detect">'
    "{inside}</validate-content>"
)
JSON = '<content validate-as="json" action="prevent" />'


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
