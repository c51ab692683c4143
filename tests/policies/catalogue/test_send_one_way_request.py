"""send-one-way-request: what it becomes; what is refused is in test_send_request.py, what it does in envoy/."""

from __future__ import annotations

import re

from policy_programs import document_text, program

URL = "<set-url>https://a.example.com/x</set-url>"


def test_nothing_waits_for_it() -> None:
    """One call that gives nothing back, with its time; the next statement follows it."""
    built = program(document_text(f'<send-one-way-request timeout="7">{URL}</send-one-way-request>'))
    assert re.search(r"^ *R\.call_one_way\(q, v\d+, 7\)$", built.lua, re.MULTILINE)
    assert "R.call(q" not in built.lua
    assert built.steps[0].text.startswith("send-one-way-request: ")
    assert "https://a.example.com/x" in built.steps[0].text


def test_what_it_carries_is_worked_out_in_the_request() -> None:
    """Its headers and body are of this moment, not of when it is sent."""
    inside = (
        f"{URL}<set-method>PUT</set-method><set-header name='A'><value>@(context.Operation.Id)</value></set-header>"
        "<set-body>@(context.Request.Method)</set-body>"
    )
    lua = program(document_text(f"<send-one-way-request>{inside}</send-one-way-request>")).lua
    sent = lua.index("R.call_one_way(")
    assert lua.index('(q.request:get(":method"))') < sent
    assert lua.index("R.facts(q).operation") < sent
