"""Where requests go on a policy's word, through the whole pipeline: declared backends, others, and what must not leak."""

from __future__ import annotations

import pytest

from apim_files import api, document, mark
from gateway_lab import Lab

pytestmark = pytest.mark.e2e

GLOBAL = document(
    "",
    backend="<forward-request />",
    on_error='<set-header name="x-why"><value>@(context.LastError.Reason + ": " + context.LastError.Message)</value></set-header>',
)
ECHO = {"serviceUrl": "http://echo.default.svc/base", "subscriptionRequired": False}


def test_rewritten_paths_lie_below_the_backends_own(lab: Lab) -> None:
    lab.http("echo")
    policy = document(
        '<base /><rewrite-uri template="/v2/{id}?kind=order" />'
        '<set-query-parameter name="more"><value>a b</value><value>c</value></set-query-parameter>'
        '<set-query-parameter name="old" exists-action="delete" />'
    )
    lab.apply(
        "",
        artifacts={"policy.xml": GLOBAL, **api("orders", policy=policy, operations={"get": "GET /items/{id}"}, **ECHO)},
    )
    assert lab.get("/orders/items/7%2F8?old=1&x=y", port=81).status == 400
    assert lab.get("/orders/items/a%20b?old=1&x=y", port=81).path == "/base/v2/a%20b?kind=order&x=y&more=a%20b&more=c"
    assert lab.get("/ORDERS/Items/7", port=81).path == "/base/v2/7?kind=order&more=a%20b&more=c"


def test_a_backend_that_a_policy_names_is_declared(lab: Lab) -> None:
    """Host, path and proof are those of the chosen backend; the API's own path is not sent."""
    lab.http("echo", "other")
    host = '@("http://" + context.Request.Headers.GetValueOrDefault("x-to", "other") + ".default.svc/there")'
    policy = document(f'<base /><set-backend-service base-url="{host}" />{mark("x-in", "set")}')
    others = api("others", serviceUrl="http://other.default.svc", subscriptionRequired=False)
    lab.apply("", artifacts={"policy.xml": GLOBAL, **api("orders", policy=policy, **ECHO), **others})
    answer = lab.get("/orders?x=1", port=81)
    assert answer.header("x-why") is None, lab.plane.envoy.log[-3000:]
    assert (answer.status, answer.path, answer.got("host")) == (200, "/there?x=1", "other.default.svc")
    assert (answer.who, answer.got("x-in")) == ("other", "set")
    assert answer.got("x-gateway-authorization") == "Bearer test"
    assert lab.get("/orders", ("x-to", "echo"), port=81).who == "echo"
    assert not [name for name, _ in answer.headers if "tidegate" in name.lower()]
    unknown = lab.get("/orders", ("x-to", "nobody"), port=81)
    assert unknown.status == 500
