"""jsonp in real Envoy: answers inside a call."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from body_lab import JSON, XML, answered
from policy_envoy import Lab
from policy_programs import document_text, problems

pytestmark = pytest.mark.e2e


def test_jsonp(lab: Lab) -> None:
    """Only with the parameter, and only JSON."""
    route = lab.serve(document_text(outbound='<jsonp callback-parameter-name="cb" />'))
    assert answered(route, '{"a":1}', JSON).body == '{"a":1}'
    wrapped = answered(route, '{"a":1}', JSON, query="&cb=app.on_data")
    assert (wrapped.body, wrapped.header("content-type")) == ('app.on_data({"a":1})', "application/javascript")
    assert answered(route, "<a/>", XML, query="&cb=f").body == "<a/>"


def test_jsonp_takes_no_script(lab: Lab) -> None:
    """What is no name is refused with its reason."""
    route = lab.serve(
        document_text(
            outbound='<jsonp callback-parameter-name="cb" />',
            on_error="<set-body>@(context.LastError.Reason)</set-body>",
        )
    )
    for callback in ("alert(1)//", "a;b", "", "1a", "a..b", "a" * 200):
        assert answered(route, "{}", JSON, query=f"&cb={quote(callback)}").body == "CallbackParameterInvalid"


@pytest.mark.parametrize(
    ("policy", "section", "problem"),
    [
        ("<jsonp />", "outbound", "TG2011"),
        ('<jsonp callback-parameter-name="cb" />', "inbound", "TG2006"),
        ('<jsonp callback-parameter-name="a" /><jsonp callback-parameter-name="b" />', "outbound", "TG2007"),
    ],
)
def test_refused(policy: str, section: str, problem: str) -> None:
    """Attributes that are missing, unknown or say nothing known; places."""
    text = document_text(policy) if section == "inbound" else document_text(outbound=policy)
    assert [p.split()[1] for p in problems(text)] == [problem]
