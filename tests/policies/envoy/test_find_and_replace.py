"""find-and-replace in real Envoy: every place of a text in the body."""

from __future__ import annotations

import pytest

from body_lab import answered
from policy_envoy import Lab
from policy_programs import document_text, problems

pytestmark = pytest.mark.e2e


def test_find_and_replace(lab: Lab) -> None:
    """All places, upper and lower case apart, no patterns; requests and responses."""
    policy = '<find-and-replace from="a.b" to="x%1" />'
    route = lab.serve(document_text(policy, outbound='<find-and-replace from="x" to="" />'))
    assert lab.serve(document_text(policy)).get(method="POST", body="a.b A.B aab a.b").json["body"] == "x%1 A.B aab x%1"
    assert answered(route, "xaxx", "text/plain").body == "a"
    assert lab.serve(document_text(policy)).get().json["path"]


def test_find_and_replace_expressions(lab: Lab) -> None:
    """Both attributes may be expressions; nothing can be looked for only when it is known."""
    policy = '<find-and-replace from=\'@(context.Request.Headers.GetValueOrDefault("X-From", ""))\' to=\'@("é")\' />'
    route = lab.serve(document_text(outbound=policy, on_error="<set-body>@(context.LastError.Message)</set-body>"))
    assert answered(route, "one two", "text/plain", ("X-From", "two")).body == "one é"
    assert answered(route, "one", "text/plain").body == "String cannot be of zero length. (Parameter 'oldValue')"


@pytest.mark.parametrize(
    ("policy", "section", "problem"),
    [
        ('<find-and-replace from="" to="x" />', "inbound", "TG2012"),
        ('<find-and-replace from="x" />', "inbound", "TG2011"),
    ],
)
def test_refused(policy: str, section: str, problem: str) -> None:
    """Attributes that are missing, unknown or say nothing known; places."""
    text = document_text(policy) if section == "inbound" else document_text(outbound=policy)
    assert [p.split()[1] for p in problems(text)] == [problem]
