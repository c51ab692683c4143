"""Where requests go on a policy's word, through the whole pipeline: what is declared, what is not, what may leak."""

from __future__ import annotations

import json

import pytest

from apim_files import api, document, mark
from gateway_lab import Lab

pytestmark = pytest.mark.e2e

GLOBAL = document(
    "",
    backend="<forward-request />",
    on_error='<set-header name="x-why"><value>@(context.LastError.Message)</value></set-header>',
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
    lab.apply("", artifacts={"policy.xml": GLOBAL, **api("orders", policy=policy, **ECHO)})
    answer = lab.get("/orders?x=1", port=81)
    assert answer.header("x-why") is None
    assert (answer.status, answer.path, answer.got("host")) == (200, "/there?x=1", "other.default.svc")
    assert (answer.who, answer.got("x-in")) == ("other", "set")
    assert answer.got("x-gateway-authorization") == "Bearer test"
    assert lab.get("/orders", ("x-to", "echo"), port=81).who == "echo"
    assert not [name for name, _ in answer.headers if "tidegate" in name.lower()]
    unknown = lab.get("/orders", ("x-to", "nobody"), port=81)
    assert unknown.status == 500


def test_calls_of_declared_services_carry_the_proof_and_no_name_that_a_client_vouches_for(lab: Lab) -> None:
    """Decision 0004. What a client says beside the proof is not the gateway's word."""
    lab.http("echo", "other")
    send = (
        '<base /><send-request mode="copy" response-variable-name="a"><set-url>http://other.default.svc/called</set-url>'
        '</send-request><return-response response-variable-name="a" />'
    )
    lab.apply("", artifacts={"policy.xml": GLOBAL, **api("orders", policy=document(send), **ECHO)})
    answer = lab.get("/orders", ("x-gateway-headers", "x-user"), ("x-gateway-authorization", "Bearer mine"), port=81)
    assert (answer.who, answer.path, answer.got("host")) == ("other", "/called", "other.default.svc")
    assert answer.got("x-gateway-authorization") == "Bearer test"
    assert answer.got("x-gateway-headers") is None
    assert not [name for name, _ in answer.json["headers"] if name.startswith(("x-envoy", "x-tidegate"))]


def test_destinations_that_nobody_declared(lab: Lab) -> None:
    """The port of a backend is open to nobody who names its address."""
    (echo,) = lab.http("echo")
    url = '@(context.Request.Headers.GetValueOrDefault("x-url", ""))'
    send = f'<base /><send-request response-variable-name="a"><set-url>{url}</set-url></send-request>'
    chosen = f'<base /><set-backend-service base-url="{url}" />'
    lab.apply(
        "",
        artifacts={
            "policy.xml": GLOBAL,
            **api("calls", policy=document(send), **ECHO),
            **api("chooses", policy=document(chosen), **ECHO),
        },
    )
    for path in ("/calls", "/chooses"):
        for host in (echo.endpoint, f"localhost:{echo.endpoint.rpartition(':')[2]}"):
            assert lab.get(path, ("x-url", f"http://{host}/"), port=81).status == 500
        assert lab.get(path, ("x-url", "http://echo.default.svc/"), port=81).status == 200


def test_retries_call_the_route_with_its_proof_and_what_is_vouched_for(lab: Lab) -> None:
    lab.http("echo")
    again = (
        '<retry condition="@(context.Response.StatusCode == 200)" count="2" interval="0"><forward-request /></retry>'
        + mark("x-later", "1")
    )
    policy = document('<base /><set-header name="X-User"><value>me</value></set-header>', backend=again)
    lab.apply("", artifacts={"policy.xml": GLOBAL, **api("orders", policy=policy, **ECHO)})
    answer = lab.get("/orders?x=1", ("x-user", "forged"), ("x_user", "forged"), port=81)
    assert (answer.status, answer.path, answer.got("host")) == (200, "/base?x=1", "echo.default.svc")
    assert (answer.got("x-user"), answer.got("x_user")) == ("me", None)
    assert answer.got("x-gateway-authorization") == "Bearer test"
    assert answer.got("x-gateway-headers") == "x-user"


def test_backend_entities(lab: Lab) -> None:
    """backends/NAME/backendInformation.json: address, credentials, pools."""
    lab.http("echo", "one", "two")

    def entity(**properties: object) -> str:
        return json.dumps({"properties": properties})

    files = {
        "backends/one/backendInformation.json": entity(
            url="http://one.default.svc/v1",
            protocol="http",
            credentials={"header": {"x-key": ["secret"]}, "query": {"code": ["c d"]}},
        ),
        "backends/two/backendInformation.json": entity(url="http://two.default.svc", protocol="http"),
        "backends/pool/backendInformation.json": entity(
            type="Pool", pool={"services": [{"id": "/backends/one"}, {"id": "/backends/two"}]}
        ),
    }
    named = '<base /><set-backend-service backend-id="one" />'
    lab.apply(
        "",
        artifacts={
            "policy.xml": GLOBAL,
            **files,
            **api("named", policy=document(named), **ECHO),
            **api("pooled", policy=document('<base /><set-backend-service backend-id="pool" />'), **ECHO),
        },
    )
    answer = lab.get("/named?x=1", port=81)
    assert (answer.who, answer.path, answer.got("x-key")) == ("one", "/v1?x=1&code=c%20d", "secret")
    assert {lab.get("/pooled", port=81).who for _ in range(40)} == {"one", "two"}


def test_clients_choose_nothing(lab: Lab) -> None:
    """The headers of egress begin with x-envoy-, which the connection manager takes from clients in every spelling."""
    lab.http("echo", "other")
    chosen = (
        '<base /><choose><when condition="@(context.Request.Headers.ContainsKey(&quot;x-choose&quot;))">'
        '<set-backend-service base-url="http://other.default.svc/" /></when></choose>'
    )
    lab.apply("", artifacts={"policy.xml": GLOBAL, **api("orders", policy=document(chosen), **ECHO)})
    assert lab.get("/orders", ("x-choose", "1"), port=81).who == "other"
    for name in ("x-envoy-tidegate-cluster", "X_Envoy_Tidegate_Cluster"):
        answer = lab.get(
            "/orders", (name, "default/other:80"), ("x-envoy-tidegate-host", "other.default.svc:80"), port=81
        )
        assert answer.who == "echo"
