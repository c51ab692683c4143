"""set-method."""

from __future__ import annotations

from policy_envoy import Lab
from policy_flow import OUT
from policy_programs import document_text


def test_set_method(lab: Lab) -> None:
    """The backend is asked with it; whether the client gets a body is decided by what the client asked with."""
    route = lab.serve(document_text("<set-method>@(context.Request.Headers.GetValueOrDefault("
                                    '"m", "POST"))</set-method>', outbound=OUT))  # fmt: skip
    assert route.get().status == 200
    assert route.get().json["method"] == "POST"
    head = route.get(method="HEAD")
    assert (head.status, head.body) == (200, "")
    assert route.get(("m", "G T")).status == 500
