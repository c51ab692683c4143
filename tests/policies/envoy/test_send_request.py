"""send-request and send-one-way-request through real Envoy: what is sent, what comes back, and what goes wrong.

Source: the pages "send-request-policy" and "send-one-way-request-policy" of API Management's reference.
"""

from __future__ import annotations

import time

from policy_envoy import Answer, Lab, Route
from policy_programs import document_text, set_header

SHOW = (
    '<set-header name="x-status"><value>@(((IResponse)context.Variables["answer"]).StatusCode.ToString())</value>'
    "</set-header>"
)


def call(url: str, *children: str, attributes: str = "", variable: str = "answer") -> str:
    """The policy's element."""
    return (
        f'<send-request response-variable-name="{variable}" {attributes}>'
        f"<set-url>{url}</set-url>{''.join(children)}</send-request>"
    )


def returned(lab: Lab, *policies: str, on_error: str = "") -> Route:
    """A route that answers with what its call has brought."""
    inbound = "".join(policies) + '<return-response response-variable-name="answer" />'
    return lab.serve(document_text(inbound, on_error=on_error))


LAST_ERROR = set_header("x-reason", "@(context.LastError.Reason)") + set_header(
    "x-message", "@(context.LastError.Message)"
)


def seen(answer: Answer) -> dict[str, list[str]]:
    """The headers that the called host received."""
    result: dict[str, list[str]] = {}
    for name, value in answer.received:
        result.setdefault(name, []).append(value)
    return result


def test_a_new_request_holds_what_its_children_say_and_nothing_of_the_client(lab: Lab) -> None:
    route = returned(
        lab,
        call(
            f"{lab.url()}/orders?x=1",
            "<set-method>POST</set-method>",
            set_header("x-own", "one"),
            attributes='mode="new"',
        ),
    )
    answer = route.get(("authorization", "Bearer client"), ("cookie", "a=b"))
    assert (answer.status, answer.json["path"]) == (200, "/orders?x=1")
    headers = seen(answer)
    assert headers["x-own"] == ["one"]
    assert headers["host"] == [f"origin.test:{lab.ports['origin']}"]
    assert set(headers) == {"host", "x-own", "content-length"} or set(headers) == {"host", "x-own"}


def test_a_copy_holds_the_request_as_it_is_now(lab: Lab) -> None:
    route = returned(lab, set_header("x-set", "before"), call(f"{lab.url()}/copy", attributes='mode="copy"'))
    answer = route.get(("x-client", "yes"), ("connection", "x-hop"), ("x-hop", "1"), method="POST", body="hello")
    headers = seen(answer)
    assert (headers["x-client"], headers["x-set"], answer.json["body"]) == (["yes"], ["before"], "hello")
    assert "x-hop" not in headers
    assert headers["host"] == [f"origin.test:{lab.ports['origin']}"]


def test_error_statuses_are_answers(lab: Lab) -> None:
    route = returned(lab, call(f"{lab.url()}/?status=418&amp;header=x-tea:pot&amp;body=short"))
    answer = route.get()
    assert (answer.status, answer.header("x-tea"), answer.body) == (418, "pot", "short")


def test_several_lines_of_a_header_stay_several(lab: Lab) -> None:
    route = returned(lab, call(f"{lab.url()}/?header=set-cookie:a=1&amp;header=set-cookie:b=2"))
    assert [value for name, value in route.get().headers if name.lower() == "set-cookie"] == ["a=1", "b=2"]


def test_nobody_there_is_a_connection_failure(lab: Lab) -> None:
    answer = returned(lab, call(lab.url("dead")), on_error=LAST_ERROR).get()
    assert (answer.status, answer.header("x-reason")) == (500, "BackendConnectionFailure")
    assert answer.json["message"] == "Internal server error"
    assert f"dead.test:{lab.ports['dead']}" in (answer.header("x-message") or "")


def test_an_unknown_name_is_a_connection_failure(lab: Lab) -> None:
    answer = returned(lab, call("http://nowhere.test/"), on_error=LAST_ERROR).get()
    assert (answer.status, answer.header("x-reason")) == (500, "BackendConnectionFailure")


def test_silence_is_a_timeout(lab: Lab) -> None:
    began = time.monotonic()
    answer = returned(lab, call(lab.url("silent"), attributes='timeout="1"'), on_error=LAST_ERROR).get()
    assert (answer.status, answer.header("x-reason")) == (504, "Timeout")
    assert time.monotonic() - began < 30


def test_errors_that_are_ignored_leave_null(lab: Lab) -> None:
    inbound = call(lab.url("dead"), attributes='ignore-error="true"') + set_header(
        "x-null", '@(context.Variables["answer"] == null ? "null" : "something")'
    )
    assert lab.serve(document_text(inbound)).get().got("x-null") == ["null"]


def test_the_request_goes_on_as_it_was(lab: Lab) -> None:
    """Handles of headers die with a call; what follows has new ones."""
    inbound = set_header("x-before", "1") + call(lab.url()) + set_header("x-after", "2")
    answer = lab.serve(document_text(inbound, outbound=call(lab.url()) + set_header("x-late", "3"))).get(
        ("x-client", "c")
    )
    assert (answer.got("x-before"), answer.got("x-after"), answer.got("x-client")) == (["1"], ["2"], ["c"])
    assert answer.header("x-late") == "3"


def test_tls_is_verified_against_the_name(lab: Lab) -> None:
    assert returned(lab, call(lab.url("secure"))).get().status == 200
    wrong = returned(lab, call(lab.url("secure", "origin.test")), on_error=LAST_ERROR).get()
    assert (wrong.status, wrong.header("x-reason")) == (500, "BackendConnectionFailure")


def test_line_breaks_in_computed_values_are_refused(lab: Lab) -> None:
    break_in = '@(context.Request.Headers.GetValueOrDefault("x-in", "") + "\\r\\nx-smuggled: 1")'
    answer = returned(lab, call(lab.url(), set_header("x-own", break_in))).get(("x-in", "a"))
    assert (answer.status, answer.json["statusCode"]) == (500, 500)
    path = returned(
        lab, call(f'@("{lab.url()}/" + context.Request.Headers.GetValueOrDefault("x-in", "") + " HTTP/1.1\\r\\nx: y")')
    )
    assert path.get(("x-in", "a")).status == 500


def test_a_one_way_request_is_sent_and_not_waited_for(lab: Lab) -> None:
    silent = f'<send-one-way-request timeout="60"><set-url>{lab.url("silent")}</set-url></send-one-way-request>'
    dead = f"<send-one-way-request><set-url>{lab.url('dead')}</set-url></send-one-way-request>"
    began = time.monotonic()
    assert lab.serve(document_text(silent + dead)).get().status == 200
    assert time.monotonic() - began < 30


def test_what_only_the_gateway_says_is_not_copied(lab: Lab) -> None:
    route = returned(lab, call(lab.url(), attributes='mode="copy"'))
    answer = route.get(
        ("x-gateway-authorization", "Bearer forged"), ("x-gateway-headers", "x-user"), ("x-envoy-foo", "1")
    )
    assert not {"x-gateway-authorization", "x-gateway-headers", "x-envoy-foo"} & set(seen(answer))
