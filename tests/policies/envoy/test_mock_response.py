"""mock-response and trace."""

from __future__ import annotations

from policy_envoy import Lab
from policy_flow import OUT, THROWS
from policy_programs import document_text, set_header


def test_mock_response_and_trace(lab: Lab) -> None:
    """Empty where the description has no example; a trace's expressions run whether anybody looks or not."""
    mock = '<mock-response status-code="201" content-type="application/json" />'
    answer = lab.serve(document_text(mock + set_header("A", "1"), outbound=OUT)).get()
    assert (answer.status, answer.body, answer.header("x-out")) == (201, "", None)
    trace = '<trace source="tests" severity="error"><message>{}</message><metadata name="n" value="v" /></trace>'
    lab.serve(document_text(trace.format('@("said\\t" + context.Request.Method)'))).get()
    assert "tests: said GET n=v" in lab.log
    assert lab.serve(document_text(trace.format(THROWS))).get().status == 500
