"""forward-request: where it may stand, what it takes, and when Envoy's router does it."""

from __future__ import annotations

import pytest

from policy_programs import document_text, problems, program, set_header

REFUSED = {
    'continue-timeout="1"': "TG2302",
    'http-version="2"': "TG2012",
    'timeout="0"': "TG2012",
    'timeout="301"': "TG2012",
    'timeout-ms="300001"': "TG2012",
    'timeout="soon"': "TG2012",
    'follow-redirects="perhaps"': "TG2012",
    'patience="1"': "TG2010",
}


@pytest.mark.parametrize(("attribute", "code"), REFUSED.items())
def test_what_is_refused(attribute: str, code: str) -> None:
    found = problems(document_text(backend=f"<forward-request {attribute} />"))
    assert [problem.split(" ")[1] for problem in found] == [code]


def test_place_in_the_backend_section() -> None:
    """Only there."""
    assert program(document_text(backend=set_header("A", "1") + '<forward-request id="x" />'))
    assert [p.split(" ")[1] for p in problems(document_text(inbound="<forward-request />"))] == ["TG2006"]


@pytest.mark.parametrize(
    ("backend", "called"),
    [
        ("<forward-request />", False),
        (
            '<forward-request timeout="5" buffer-request-body="true" buffer-response="false" http-version="2or1" />',
            False,
        ),
        ('<forward-request fail-on-error-status-code="true" follow-redirects="false" />', False),
        ('<forward-request follow-redirects="true" />', True),
        ("<forward-request />" + set_header("A", "1"), True),
        ('<retry condition="@(true)" count="1" interval="0"><forward-request /></retry>', True),
    ],
)
def test_who_calls(backend: str, called: bool) -> None:
    """What the router does, streams; a program that calls needs egress."""
    made = program(document_text(backend=backend))
    assert ("R.forward(q" in made.lua, "do return false end" in made.lua) == (called, not called)
    assert (made.forwards, made.calls) == (called, called)
