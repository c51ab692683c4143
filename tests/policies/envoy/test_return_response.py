"""return-response: nothing runs behind it."""

from __future__ import annotations

from policy_envoy import Lab
from policy_flow import FORWARD, THROWS, returns, when
from policy_programs import document_text, set_header


def test_return_response_ends_everything(lab: Lab) -> None:
    """In inbound, backend, outbound and on-error; nothing of any scope runs behind it."""
    ends = returns(403, set_header("R", "@(context.Request.Method)"))
    wide = document_text(outbound=set_header("Wide", "1"), on_error=set_header("Wide", "2"))
    for document in (
        document_text(when("true", ends) + set_header("B", "1"), outbound="<base />", on_error="<base />"),
        document_text(backend=when("true", when("true", ends)) + FORWARD, outbound="<base />"),
        document_text(outbound=ends + "<base />"),
        document_text(set_header("B", THROWS), outbound="<base />", on_error=ends + "<base />"),
    ):
        route = lab.serve(wide, document)
        answer = route.get()
        assert (answer.status, answer.header("r"), answer.header("wide"), answer.body) == (403, "GET", None, "")
        head = route.get(method="HEAD")
        assert (head.status, head.header("r"), head.body) == (403, "HEAD", "")
        assert route.get(method="POST", body="a" * 100_000).status == 403
