"""retry: how often, and over which response."""

from __future__ import annotations

from policy_envoy import Lab
from policy_flow import FORWARD, OUT, returns, when
from policy_programs import document_text, set_header


def test_retry(lab: Lab) -> None:
    """The content runs at most count + 1 times, once if the condition is false; the response is the last one's."""
    log = '<trace source="{}" severity="error"><message>run</message></trace>'.format
    retry = '<retry condition="{}" count="2" interval="0">{}</retry>'.format
    lab.serve(document_text(retry("true", log("twice more")))).get()
    assert lab.log.count("twice more: run") == 3
    lab.serve(document_text(retry("@(false)", log("no more")))).get()
    assert lab.log.count("no more: run") == 1
    backend = retry("@(context.Response.StatusCode == 503)", FORWARD + log("forwarded")) + set_header("A", "1")
    route = lab.serve(document_text(backend=backend, outbound=OUT))
    assert route.get(path="/?status=503").header("x-out") == "503"
    assert lab.log.count("forwarded: run") == 3
    assert route.get(method="POST", body="sent").json["body"] == "sent"
    assert lab.log.count("forwarded: run") == 4
    stops = retry("true", when("true", returns(418)) + log("never"))
    assert (lab.serve(document_text(stops)).get().status, "never: run" in lab.log) == (418, False)
