"""set-backend-service through real Envoy: literal and computed URLs, and what of the request stays.

Source: the page "set-backend-service-policy" of API Management's reference.
"""

from __future__ import annotations

from policy_envoy import Lab
from policy_programs import document_text, set_header


def test_a_literal_url(lab: Lab) -> None:
    inbound = f'<set-backend-service base-url="{lab.url()}/base/" />' + set_header("x-after", "1")
    route = lab.serve(document_text(inbound), cluster="dead")
    answer = route.get(path="/orders?x=1")
    assert (answer.status, answer.json["path"]) == (200, f"/base{route.path}/orders?x=1")
    assert (answer.got("host"), answer.got("x-after")) == ([f"origin.test:{lab.ports['origin']}"], ["1"])
    assert not [name for name, _ in answer.received if "tidegate" in name]
    assert not [name for name, _ in answer.headers if "tidegate" in name.lower()]


def test_a_computed_url(lab: Lab) -> None:
    computed = '@(context.Request.Headers.GetValueOrDefault("x-to", ""))'
    route = lab.serve(document_text(f'<set-backend-service base-url="{computed}" />'), cluster="dead")
    answer = route.get(("x-to", f"{lab.url()}/base"), method="POST", body="hello")
    assert (answer.status, answer.json["path"], answer.json["body"]) == (200, f"/base{route.path}", "hello")
    assert route.get(("x-to", lab.url("secure"))).status == 200
    assert route.get(("x-to", lab.url(host="loopback.test"))).status == 500
    assert route.get(("x-to", "http://nowhere.test/")).status == 500
    assert route.get(("x-to", "ftp://origin.test/")).status == 500
