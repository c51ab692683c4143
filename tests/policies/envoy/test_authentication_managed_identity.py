"""authentication-basic and authentication-managed-identity through real Envoy.

Sources: the pages "authentication-basic-policy" and "authentication-managed-identity-policy" of API Management's
reference.
"""

from __future__ import annotations

import base64

from policies.envoy.test_send_request import LAST_ERROR, call, returned
from policy_envoy import Lab
from policy_programs import document_text, set_header


def test_basic(lab: Lab) -> None:
    policy = '<authentication-basic username="@(context.Request.Method)" password="s3cret" />'
    sent = lab.serve(document_text(policy)).get(("authorization", "Bearer client")).got("authorization")
    assert sent == ["Basic " + base64.b64encode(b"GET:s3cret").decode()]
    answer = returned(lab, call(lab.url(), policy)).get()
    assert [value for name, value in answer.received if name == "authorization"] == sent


def test_tokens_are_got_once(lab: Lab) -> None:
    policy = '<authentication-managed-identity resource="@(context.Request.Headers.GetValueOrDefault("x-for", ""))" />'
    route = lab.serve(document_text(policy))
    seen = {
        route.get(("x-for", "api://orders"), ("authorization", "Bearer c")).got("authorization")[0] for _ in range(12)
    }
    assert all(token.startswith("Bearer api://orders as itself #") for token in seen)
    assert len(seen) <= 2, "one for each worker"


def test_tokens_of_another_identity_into_a_variable_or_a_call(lab: Lab) -> None:
    named = (
        '<authentication-managed-identity resource="api://b" client-id="me" output-token-variable-name="token" />'
        + set_header("x-token", '@((string)context.Variables["token"])')
    )
    answer = lab.serve(document_text(named)).get()
    assert answer.got("x-token")[0].startswith("api://b as me #")
    assert answer.got("authorization") == []
    called = returned(lab, call(lab.url(), '<authentication-managed-identity resource="api://c" />')).get()
    assert any(n == "authorization" and v.startswith("Bearer api://c as itself") for n, v in called.received)


def test_without_a_token(lab: Lab) -> None:
    policy = '<authentication-managed-identity resource="api://unknown" {} />'
    failed = lab.serve(document_text(policy.format(""), on_error=LAST_ERROR)).get()
    assert (failed.status, failed.header("x-reason")) == (500, "ManagedIdentityFailure")
    assert "no such resource" in (failed.header("x-message") or "")
    ignored = lab.serve(document_text(policy.format('ignore-error="true"'))).get(("authorization", "Bearer client"))
    assert (ignored.status, ignored.got("authorization")) == (200, ["Bearer client"])
