"""set-status, and what statuses without a body do to one."""

from __future__ import annotations

import pytest

from policy_envoy import Lab
from policy_flow import OUT, THROWS, returns
from policy_programs import document_text, set_header


def test_set_status(lab: Lab) -> None:
    """By expressions too; what is no status throws; the body of the backend stays."""
    plain = lab.serve(document_text(outbound='<set-status code="202" reason="As you wish" />' + OUT)).get()
    assert (plain.status, plain.header("x-out"), plain.json["method"]) == (202, "202", "GET")
    by_count = '<set-status code="@(context.Request.Headers.ContainsKey("a") ? 201 : 99)" reason="@("r")" />'
    route = lab.serve(document_text(outbound=by_count))
    assert (route.get(("a", "")).status, route.get().status) == (201, 500)


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body(lab: Lab, status: int) -> None:
    """Whatever the backend or a policy wanted to send, nothing stands behind such a status."""
    for document in (
        document_text(returns(status)),
        document_text(outbound=returns(status)),
        document_text(outbound=f'<set-status code="{status}" />'),
        document_text(set_header("B", THROWS), on_error=f'<set-status code="{status}" />'),
    ):
        answer = lab.serve(document).get()
        assert (answer.status, answer.body, answer.header("content-length")) == (status, "", None)
