"""Products and subscriptions: what opens what, and keys that are made here."""

from __future__ import annotations

import pytest

from apim_files import api, information, product, subscription
from compiling import codes, compiled
from tidegate.manifests.apiops.subscriptions import generated_key
from tidegate.model import SubscriptionFacts, SubscriptionScope, key_digest
from tidegate.pipeline import Compilation

BASE = {**api("shop", serviceUrl="http://a.test"), **product("gold", "shop")}


def subscriptions(compilation: Compilation) -> tuple[SubscriptionFacts, ...]:
    (gateway,) = compilation.world.gateways
    facts = gateway.listeners[0].routes[0].facts
    assert facts is not None
    return facts.access.subscriptions.all


@pytest.mark.parametrize(
    ("scope", "opened"),
    [
        ("/products/gold", (SubscriptionScope.PRODUCT, "gold")),
        ("/products/GOLD", (SubscriptionScope.PRODUCT, "gold")),
        ("/apis/shop", (SubscriptionScope.API, "shop")),
        ("/apis/shop;rev=2", (SubscriptionScope.API, "shop")),
        ("/apis", (SubscriptionScope.ALL, "")),
        ("/apis/", (SubscriptionScope.ALL, "")),
        (
            "/subscriptions/0/resourceGroups/r/providers/Microsoft.ApiManagement/service/s/products/gold",
            (SubscriptionScope.PRODUCT, "gold"),
        ),
        ("/subscriptions/0/resourceGroups/r/providers/Microsoft.ApiManagement/service/s", (SubscriptionScope.ALL, "")),
        ("/subscriptions/0/resourceGroups/r/providers/Microsoft.ApiManagement/service/s/", (SubscriptionScope.ALL, "")),
    ],
)
def test_scopes(scope: str, opened: tuple[SubscriptionScope, str]) -> None:
    """As APIOps extracts them, and as ARM writes them."""
    compilation = compiled({**BASE, **subscription("s", scope, "k")})
    assert codes(compilation) == []
    (facts,) = subscriptions(compilation)
    assert ((facts.scope, facts.target), facts.primary_digest) == (opened, key_digest("k"))


@pytest.mark.parametrize("scope", ["/products/goldd", "/apis/shopp", "/users/anna", "", "/products/", "gold"])
def test_scopes_that_open_nothing(scope: str) -> None:
    """They are told, and their keys are nobody's."""
    compilation = compiled({**BASE, **subscription("s", scope, "k")})
    assert codes(compilation) == ["TG1242"]
    assert subscriptions(compilation) == ()


def test_keys_are_made_from_the_seed() -> None:
    """The same for the same subscription, for nobody else; none without a seed."""
    files = {**BASE, **subscription("s", "/apis"), **subscription("t", "/apis")}
    compilation = compiled(files, key_seed=b"seed")
    assert codes(compilation) == ["TG1244", "TG1244"]
    (first, second) = compilation.generated_keys
    assert first == ("s", generated_key(b"seed", "s", "primary"), generated_key(b"seed", "s", "secondary"))
    assert len({*first, *second}) == 6
    assert [len(key) for key in first[1:]] == [32, 32]
    assert subscriptions(compilation)[0].primary_digest == key_digest(first[1])
    assert first[1] not in repr(compilation.world) + repr(compilation.diagnostics)
    without = compiled(files)
    assert (without.generated_keys, subscriptions(without)[0].primary_digest) == ((), "")


def test_one_key_of_two_subscriptions() -> None:
    """A key tells who calls."""
    files = {**BASE, **subscription("s", "/apis", "k"), **subscription("t", "/apis", "k2", secondaryKey="k")}
    assert codes(compiled(files)) == ["TG1243"]


def test_products_in_either_layout() -> None:
    """`apis/NAME/productApiInformation.json`, or one list in `apis.json`; unknown APIs are told."""
    older = {
        **api("shop", serviceUrl="http://a.test"),
        "products/gold/productInformation.json": information("gold", {"displayName": "Gold"}),
        "products/gold/apis.json": '[{"name": "shop"}, {"name": "shopp"}]',
    }
    compilation = compiled(older)
    assert codes(compilation) == ["TG1241"]
    facts = compilation.world.gateways[0].listeners[0].routes[0].facts
    assert facts is not None
    assert [each.id for each in facts.access.products] == ["gold"]


def test_two_open_products() -> None:
    """API Management allows one; the first by name counts."""
    files = {**api("shop", serviceUrl="http://a.test")}
    files |= product("b", "shop", subscriptionRequired=False) | product("a", "shop", subscriptionRequired=False)
    compilation = compiled(files)
    assert codes(compilation) == ["TG1245"]
    facts = compilation.world.gateways[0].listeners[0].routes[0].facts
    assert facts is not None
    assert facts.access.open_product is not None
    assert facts.access.open_product.id == "a"


def test_a_product_that_is_not_understood_demands_a_key() -> None:
    """Never less than it might have said."""
    files = {**BASE, "products/gold/productInformation.json": '{"properties": {"wrong": 1}}'}
    compilation = compiled(files)
    facts = compilation.world.gateways[0].listeners[0].routes[0].facts
    assert facts is not None
    assert facts.access.products[0].subscription_required
