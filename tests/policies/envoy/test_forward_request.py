"""forward-request through real Envoy, by its router and by the program itself.

Source: the page "forward-request-policy" of API Management's reference.
"""

from __future__ import annotations

import time

import pytest

from policy_envoy import Lab
from policy_programs import document_text, set_header

REASON = set_header("x-reason", "@(context.LastError.Reason)") + set_header("x-source", "@(context.LastError.Source)")


@pytest.mark.parametrize("attributes", ['timeout="1"', 'timeout-ms="300"'])
@pytest.mark.parametrize("called", [False, True])
def test_timeouts(lab: Lab, attributes: str, called: bool) -> None:
    forward = f"<forward-request {attributes} />" + (set_header("x-later", "1") if called else "")
    route = lab.serve(
        document_text(backend=forward, on_error=REASON),
        action={"route": {"cluster": "silent", "timeout": "60s"}},
    )
    began = time.monotonic()
    answer = route.get()
    assert (answer.status, answer.header("x-reason"), answer.header("x-source")) == (504, "Timeout", "forward-request")
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("called", [False, True])
def test_a_timeout_does_not_touch_answers_in_time(lab: Lab, called: bool) -> None:
    forward = '<forward-request timeout="60" />' + (set_header("x-later", "1") if called else "")
    answer = lab.serve(document_text(backend=forward)).get(method="POST", body="hello")
    assert (answer.status, answer.json["body"]) == (200, "hello")
    assert not [name for name, _ in answer.received if name.startswith("x-envoy") and "external" not in name]


@pytest.mark.parametrize("called", [False, True])
def test_error_statuses_may_be_errors(lab: Lab, called: bool) -> None:
    forward = '<forward-request fail-on-error-status-code="true" />' + (set_header("x-later", "1") if called else "")
    route = lab.serve(document_text(backend=forward, outbound=set_header("x-out", "ran"), on_error=REASON))
    failed = route.get(path="?status=503")
    assert (failed.status, failed.header("x-reason"), failed.header("x-out")) == (503, "BackendErrorStatusCode", None)
    fine = route.get(path="?status=302")
    assert (fine.status, fine.header("x-reason"), fine.header("x-out")) == (302, None, "ran")


def test_redirects_are_followed_if_asked(lab: Lab) -> None:
    location = f"http://dead.test:{lab.ports['dead']}/gone"
    plain = lab.serve(document_text())
    assert plain.get(path="?status=302&header=location:/landed").status == 302
    route = lab.serve(document_text(backend='<forward-request follow-redirects="true" />', on_error=REASON))
    assert route.get(path="?status=200").status == 200
    failed = route.get(path=f"?status=302&header=location:{location}")
    assert (failed.status, failed.header("x-reason")) == (500, "BackendConnectionFailure")
    chosen = lab.serve(
        document_text(
            f'<set-backend-service base-url="{lab.url()}" />', backend='<forward-request follow-redirects="true" />'
        )
    )
    landed = chosen.get(("authorization", "Bearer x"), path="?status=302&header=location:/landed%3Fa=b")
    assert (landed.status, landed.json["path"], landed.got("authorization")) == (200, "/landed?a=b", ["Bearer x"])
    guarded = chosen.get(path=f"?status=307&header=location:http://127.0.0.1:{lab.ports['origin']}/")
    assert guarded.status == 500


def test_the_programs_own_call_is_the_routes(lab: Lab) -> None:
    """Path, host, method, body and headers go as Envoy's router would send them."""
    route = lab.serve(
        document_text(backend="<forward-request />" + set_header("x-later", "1"), outbound=set_header("x-out", "1")),
        action={
            "route": {
                "cluster": "origin",
                "regex_rewrite": {"pattern": {"regex": "^/[0-9]+"}, "substitution": "/base"},
                "host_rewrite_literal": "inside.test",
            }
        },
    )
    answer = route.get(("x-a", "1"), ("x-a", "2"), path="/p?q=1", method="PUT", body="hello")
    assert (answer.status, answer.json["path"], answer.json["body"]) == (200, "/base/p?q=1", "hello")
    assert (answer.got("host"), answer.got("x-a"), answer.header("x-out")) == (["inside.test"], ["1", "2"], "1")
    head = route.get(method="HEAD")
    assert (head.status, head.body) == (200, "")


def test_nobody_there(lab: Lab) -> None:
    for backend in ("<forward-request />", "<forward-request />" + set_header("x-later", "1")):
        answer = lab.serve(document_text(backend=backend, on_error=REASON), cluster="dead").get()
        assert (answer.status, answer.header("x-reason")) == (500, "BackendConnectionFailure")
