"""forward-request, in its bare form."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program, set_header


@pytest.mark.parametrize("attribute", ["timeout", "timeout-ms", "follow-redirects", "buffer-response", "http-version"])
def test_attributes_are_refused(attribute: str) -> None:
    """Each would change how the backend is called."""
    (problem,) = problems(document_text(backend=f'<forward-request {attribute}="1" />'))
    assert problem.startswith("3:27 TG2302")


def test_place_in_the_backend_section() -> None:
    """Only there."""
    assert program(document_text(backend=set_header("A", "1") + '<forward-request id="x" />'))
    assert [p.split(" ")[1] for p in problems(document_text(inbound="<forward-request />"))] == ["TG2006"]
