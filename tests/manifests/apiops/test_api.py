"""The routes of one API: what they are made of, and that they stay while nothing of it changes."""

from __future__ import annotations

from apim_files import api, document, product, subscription
from compiling import codes, compiled
from tidegate.model import Respond, Route
from tidegate.pipeline import Compilation

FILES = {
    **api("one", {"a": "GET /a", "b": "POST /b/{id}"}, policy=document(), serviceUrl="http://one.test"),
    **api("two", serviceUrl="http://two.test"),
    **product("gold", "one", policy=document()),
    **subscription("s", "/products/gold", "k"),
}


def routes(compilation: Compilation) -> dict[str, Route]:
    return {route.id: route for route in compilation.world.gateways[0].listeners[0].routes}


def test_facts_of_an_operation() -> None:
    """What `context.Api` and `context.Operation` say."""
    facts = routes(compiled(FILES))["apim/one/b"].facts
    assert facts is not None
    assert facts.operation is not None
    assert (facts.api.id, facts.api.path, facts.api.service_url) == ("one", "one", "http://one.test")
    assert (facts.operation.id, facts.operation.name, facts.operation.url_template) == ("b", "the b", "/b/{id}")
    assert facts.access.subscription_required
    assert [each.id for each in facts.access.products] == ["gold"]


def test_equal_programs_are_told_once() -> None:
    """A product without a policy of its own has the API's program."""
    silver = compiled({**FILES, **product("silver", "one")})
    assert routes(silver)["apim/one/a"].products == ()
    other = document('<base /><set-header name="a" exists-action="delete" />')
    changed = routes(compiled({**FILES, "products/gold/policy.xml": other}))["apim/one/a"]
    assert [each.product for each in changed.products] == ["gold"]


def test_routes_stay_while_nothing_changes() -> None:
    """A change of one API leaves the very routes of the others."""
    before = compiled(FILES)
    after = compiled({**FILES, **api("two", serviceUrl="http://three.test")}, previous=before)
    old, new = routes(before), routes(after)
    assert new["apim/one/a"] is old["apim/one/a"]
    assert new["apim/two/get"] is not old["apim/two/get"]


def test_an_api_without_a_service_needs_a_policy() -> None:
    """Which may choose a backend, or answer by itself."""
    assert codes(compiled(api("shop"))) == ["TG1229"]
    (closed,) = routes(compiled(api("shop"))).values()
    assert isinstance(closed.action, Respond)
    assert codes(compiled(api("shop", policy=document("<base /><mock-response />")))) == []


def test_key_names_of_an_api() -> None:
    """`subscriptionKeyParameterNames`."""
    names = {"header": "X-Key", "query": "key"}
    files = api("shop", serviceUrl="http://a.test", subscriptionKeyParameterNames=names)
    facts = routes(compiled(files))["apim/shop/get"].facts
    assert facts is not None
    assert (facts.access.key_header, facts.access.key_query) == ("X-Key", "key")
