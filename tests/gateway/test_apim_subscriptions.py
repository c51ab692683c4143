"""Subscription keys in real Envoy: who may call which API, in the context of which product."""

from __future__ import annotations

import pytest

from apim_files import api, document, mark, product, subscription
from gateway_lab import Lab

pytestmark = pytest.mark.e2e

MISSING = (
    "Access denied due to missing subscription key. "
    "Make sure to include subscription key when making requests to an API."
)
INVALID = "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."
URL = {"serviceUrl": "http://echo.default.svc"}
KEY = "Ocp-Apim-Subscription-Key"
GLOBAL = document("", backend="<forward-request />", outbound=mark("x-out", "global"), on_error=mark("x-err", "global"))


def scope(name: str) -> str:
    return document(
        f"<base />{mark('x-in', name)}",
        outbound=f"<base />{mark('x-out', name)}",
        on_error=f"<base />{mark('x-err', name)}",
    )


def files() -> dict[str, str]:
    """One API in a product with a policy, one in an open product, one that wants no key."""
    return {
        "policy.xml": GLOBAL,
        **api("orders", policy=scope("api"), policies={"get": scope("operation")}, **URL),
        **api("news", policy=scope("api"), **URL),
        **api("free", policy=scope("api"), subscriptionRequired=False, **URL),
        **product("gold", "orders", policy=scope("gold")),
        **product("silver", "orders", "free"),
        **product("open", "news", policy=scope("open"), subscriptionRequired=False),
        **subscription("of-gold", "/products/gold", "key-gold", secondaryKey="second-gold", ownerId="/users/anna"),
        **subscription("of-silver", "/products/silver", "key-silver"),
        **subscription("of-orders", "/apis/orders", "key-orders"),
        **subscription("of-all", "/apis", "key-all"),
        **subscription("suspended", "/products/gold", "key-suspended", state="suspended"),
    }


def test_who_may_call(lab: Lab) -> None:
    """The rules of the page "Subscriptions in Azure API Management", and the policies of the product by the key."""
    lab.http("echo")
    compilation = lab.apply("", artifacts=files())
    assert "key-gold" not in str(compilation.snapshot.resources)

    def ask(path: str, *headers: tuple[str, str]) -> tuple[int, str | None]:
        answer = lab.get(path, *headers, port=81)
        return answer.status, answer.header("x-out")

    for key in ("key-gold", "second-gold"):
        assert ask("/orders", (KEY, key)) == (200, "global,gold,api,operation")
        assert lab.get("/orders", (KEY, key), port=81).got("x-in") == "gold,api,operation"
    for key in ("key-silver", "key-orders", "key-all"):
        assert ask("/orders", (KEY, key)) == (200, "global,api,operation")
    assert ask("/orders?Subscription-Key=key-gold&a=b") == (200, "global,gold,api,operation")
    assert ask("/orders?subscription-key=key%2Dgold", (KEY, "")) == (200, "global,gold,api,operation")
    assert ask("/orders?subscription-key=key-gold", (KEY, "wrong"))[0] == 401
    assert ask("/news") == (200, "global,open,api")
    assert ask("/news", (KEY, "key-all")) == (200, "global,api")
    assert ask("/news", (KEY, "key-gold"))[0] == 401
    assert ask("/free") == (200, "global,api")
    assert ask("/free", (KEY, "key-silver")) == (200, "global,api")
    assert ask("/free", (KEY, "wrong"))[0] == 401
    assert ask("/orders", (KEY, "key-suspended"))[0] == 401
    # The digest of a key is no key.
    assert ask("/orders", (KEY, "0" * 64))[0] == 401


def test_what_is_told_of_a_key(lab: Lab) -> None:
    """API Management's words, with a challenge; on-error of the API, since no product is known."""
    lab.http("echo")
    lab.apply("", artifacts=files())
    answer = lab.get("/orders", port=81, host="gateway.test")
    assert answer.status == 401
    assert answer.json == {"statusCode": 401, "message": MISSING}
    assert answer.header("www-authenticate") == (
        f'AzureApiManagementKey realm="http://gateway.test/orders",name="{KEY}",type="header"'
    )
    assert answer.header("x-err") == "global,api,operation"
    assert lab.get("/orders", (KEY, "wrong"), port=81).json == {"statusCode": 401, "message": INVALID}
