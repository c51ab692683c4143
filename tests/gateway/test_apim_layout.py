"""A whole APIOps repository in real Envoy: versions, revisions, fragments, overrides, what policies know of a call."""

from __future__ import annotations

import pytest

from apim_files import api, document, information, mark, named_value, product, subscription
from gateway_lab import Lab

pytestmark = pytest.mark.e2e

URL = {"serviceUrl": "http://echo.default.svc/base", "subscriptionRequired": False}
KEY = "Ocp-Apim-Subscription-Key"


def show(name: str, expression: str) -> str:
    return f'<set-header name="{name}" exists-action="override"><value>@({expression})</value></set-header>'


def test_what_policies_know_of_a_call(lab: Lab) -> None:
    """`context` of the API, the operation, the product, the subscription and its owner; inbound and outbound alike."""
    facts = {
        "api": 'context.Api.Id + "|" + context.Api.Name + "|" + context.Api.Path + "|" + context.Api.Revision',
        "operation": 'context.Operation.Id + "|" + context.Operation.Method + "|" + context.Operation.UrlTemplate',
        "product": 'context.Product.Id + "|" + context.Product.Name',
        "subscription": 'context.Subscription.Id + "|" + context.Subscription.Name + "|" + context.Subscription.Key',
        "user": "context.User.Id",
        "matched": 'context.Request.MatchedParameters["id"] + "|" + context.Request.MatchedParameters["rest"]',
        "none": '(context.Product == null) + "|" + (context.Subscription == null)',
    }
    inbound = "".join(show(f"x-in-{name}", text) for name, text in facts.items() if name != "none")
    outbound = "".join(show(f"x-out-{name}", text) for name, text in facts.items() if name not in ("none", "matched"))
    lab.http("echo")
    operations = {"get": "GET /things/{id}/files/{*rest}"}
    files = {
        **api("shop", operations, policy=document(f"<base />{inbound}", outbound=outbound), **URL),
        **api("open", policy=document(f"<base />{show('x-in-none', facts['none'])}"), **URL),
        **product("gold", "shop", displayName="Gold"),
        **subscription("s1", "/products/gold", "k1", displayName="First", ownerId="/users/anna"),
    }
    lab.apply("", artifacts=files)
    answer = lab.get("/SHOP/things/A%20b/files/c/D.txt?x=1", (KEY, "k1"), port=81)
    expected = {
        "api": "shop|shop|shop|1",
        "operation": "get|GET|/things/{id}/files/{*rest}",
        "product": "gold|Gold",
        "subscription": "s1|First|k1",
        "user": "anna",
    }
    assert answer.status == 200
    for name, text in expected.items():
        assert answer.got(f"x-in-{name}") == text
        assert answer.header(f"x-out-{name}") == text
    assert answer.got("x-in-matched") == "A b|c/D.txt"
    assert answer.path == "/base/things/A%20b/files/c/D.txt?x=1"
    assert lab.get("/open", port=81).got("x-in-none") == "True|True"


def test_versions_and_revisions(lab: Lab) -> None:
    """By a segment, a header or a query parameter; `;rev=N` reaches revisions, the plain path the current one."""
    lab.http("echo")

    def one(folder: str, path: str, **properties: object) -> dict[str, str]:
        policy = document(f"<base />{mark('x-which', folder.replace(';', ' '))}")
        return api(folder, policy=policy, **{**URL, "path": path, **properties})

    def version_set(name: str, scheme: str, **properties: str) -> dict[str, str]:
        given = {"displayName": name, "versioningScheme": scheme, **properties}
        return {f"version sets/{name}/versionSetInformation.json": information(name, given)}

    def in_set(name: str, version: str) -> dict[str, str]:
        return {"apiVersionSetId": f"/apiVersionSets/{name}", "apiVersion": version}

    files = {
        **one("seg", "seg", apiVersionSetId="/apiVersionSets/by-segment"),
        **one("seg-v2", "seg", **in_set("by-segment", "v2")),
        **one("head", "head", apiVersionSetId="/apiVersionSets/by-header"),
        **one("head-v1", "head", **in_set("by-header", "v1")),
        **one("head-v2", "head", **in_set("by-header", "v2")),
        **one("query-v1", "query", **in_set("by-query", "2024-01-01")),
        **version_set("by-segment", "Segment"),
        **version_set("by-header", "Header", versionHeaderName="Api-Version"),
        **version_set("by-query", "Query", versionQueryName="api-version"),
        **one("rev", "rev", apiRevision="2", isCurrent=True),
        **one("rev;rev=1", "rev", apiRevision="1", isCurrent=False),
    }
    lab.apply("", artifacts=files)

    def which(path: str, *headers: tuple[str, str]) -> str | int | None:
        answer = lab.get(path, *headers, port=81)
        return answer.got("x-which") if answer.status == 200 else answer.status

    assert [which("/seg"), which("/seg/v2"), which("/seg/v3")] == ["seg", "seg-v2", 404]
    assert [which("/head"), which("/head", ("api-version", "v2"))] == ["head", "head-v2"]
    assert [which("/head", ("Api-Version", "v1")), which("/head", ("api-version", "v9"))] == ["head-v1", 404]
    assert [which("/query?api-version=2024-01-01"), which("/query?api-version=1"), which("/query")] == [
        "query-v1", 404, 404,
    ]  # fmt: skip
    assert [which("/rev"), which("/rev;rev=1"), which("/rev;rev=2"), which("/rev;rev=3")] == [
        "rev", "rev rev=1", "rev", 404,
    ]  # fmt: skip


def test_fragments_named_values_and_an_environment(lab: Lab) -> None:
    """Fragments name values, too; an environment's configuration goes over both values and addresses."""
    lab.http("echo")
    policy = document('<base /><include-fragment fragment-id="stamp" />')
    files = {
        **api("shop", policy=policy, **{**URL, "serviceUrl": "http://nowhere.default.svc"}),
        "policy fragments/stamp/policy.xml": f"<fragment>{mark('x-region', '{{the-region}}')}</fragment>",
        **named_value("region", displayName="the-region", value="east"),
        "configuration.local.yaml": (
            "namedValues: [{name: region, properties: {value: west}}]\n"
            "apis: [{name: shop, properties: {serviceUrl: 'http://echo.default.svc'}}]\n"
        ),
        "values.env": "",
    }
    lab.values = {"TIDEGATE_ENVIRONMENT": "local"}
    lab.apply("", artifacts=files)
    assert lab.get("/shop", port=81).got("x-region") == "west"


def test_preflights_need_no_key(lab: Lab) -> None:
    """A browser sends none with them: cors of the API answers, then the request itself needs the key."""
    lab.http("echo")
    cors = (
        "<cors><allowed-origins><origin>https://app.test</origin></allowed-origins>"
        "<allowed-methods><method>GET</method></allowed-methods></cors>"
    )
    files = {
        **api("shop", policy=document(f"<base />{cors}"), serviceUrl="http://echo.default.svc"),
        **subscription("all", "/apis", "k"),
    }
    lab.apply("", artifacts=files)
    asks = (("origin", "https://app.test"), ("access-control-request-method", "GET"))
    answer = lab.get("/shop", *asks, port=81, method="OPTIONS")
    assert (answer.status, answer.header("access-control-allow-origin")) == (200, "https://app.test")
    assert lab.get("/shop", asks[0], port=81).status == 401
    assert lab.get("/shop", asks[0], (KEY, "k"), port=81).header("access-control-allow-origin") == "https://app.test"


def test_what_is_not_accepted_is_never_open(lab: Lab) -> None:
    """A product's broken policy closes calls in its context; a broken API's policy closes the API."""
    lab.http("echo")
    files = {
        **api("shop", serviceUrl="http://echo.default.svc"),
        **product("gold", "shop", policy="<policies><inbound><teleport /></inbound></policies>"),
        **subscription("gold", "/products/gold", "gold-key"),
        **subscription("all", "/apis", "all-key"),
        **subscription("lost", "/products/goldd", "lost-key"),
    }
    lab.apply("", artifacts=files, errors=True)
    assert lab.get("/shop", (KEY, "gold-key"), port=81).status == 503
    assert lab.get("/shop", (KEY, "all-key"), port=81).status == 200
    assert lab.get("/shop", (KEY, "lost-key"), port=81).status == 401
    assert lab.found("TG1242") == ["subscriptions/lost/subscriptionInformation.json:3"]


def test_what_no_operation_takes(lab: Lab) -> None:
    """404 in API Management's words; the global on-error may say more, and no other document runs."""
    lab.http("echo")
    global_ = document(
        mark("x-global", "in"),
        backend="<forward-request />",
        outbound="",
        on_error=show("x-reason", "context.LastError.Source + context.LastError.Reason"),
    )
    files = {**api("shop", {"get": "GET /a"}, policy=document(f"<base />{mark('x-api', 'in')}"), **URL)}
    files |= api("inner", {"get": "GET /a"}, **{**URL, "path": "shop/inner"})
    for with_global in (False, True):
        lab.apply("", artifacts={**files, **({"policy.xml": global_} if with_global else {})})
        for path, method in (("/none", "GET"), ("/shop/b", "GET"), ("/shop/a", "POST"), ("/shop/inner/b", "GET")):
            answer = lab.get(path, port=81, method=method)
            assert (answer.status, answer.json) == (404, {"statusCode": 404, "message": "Resource not found"}), path
            assert answer.header("x-reason") == ("configurationOperationNotFound" if with_global else None), path
        assert lab.get("/shop/a", port=81).status == 200
