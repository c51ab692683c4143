"""Edits of API Management artifacts: whatever came before, the compilation is the one that it would be from nothing."""

from __future__ import annotations

from collections.abc import Iterator

from apim_files import api, document, information, mark, named_value, product, subscription
from benchmarks.apis import changed_policy, world
from compiling import compiled
from tidegate.pipeline import Compilation
from tidegate.pipeline.compile import Remembered

SHOP = {"serviceUrl": "http://shop.test"}
VALIDATING = document(
    '<base /><validate-parameters specified-parameter-action="prevent" unspecified-parameter-action="ignore" />'
)


def edits() -> Iterator[tuple[str, dict[str, str | None]]]:
    """What is done, and the files that change: None removes one."""
    yield (
        "begin",
        {
            **api("shop", {"a": "GET /a", "b": "GET /b/{id}"}, policy=document(), **SHOP),
            **api("other", serviceUrl="http://other.test"),
            **product("gold", "shop", policy=document()),
            **subscription("s", "/products/gold", "k"),
            **named_value("v", value="one"),
            "policy fragments/f/policy.xml": f"<fragment>{mark('x-f', '1')}</fragment>",
            "policy.xml": document("", backend="<forward-request />", outbound="", on_error=mark("x-e", "{{v}}")),
        },
    )
    yield "a policy", {"apis/shop/policy.xml": document(f"<base />{mark('x', 'a')}")}
    yield "a product's policy", {"products/gold/policy.xml": document(f"<base />{mark('x', 'gold')}")}
    yield "a named value", {**named_value("v", value="two")}
    yield "an include", {"apis/shop/policy.xml": document('<base /><include-fragment fragment-id="f" />')}
    yield "the fragment", {"policy fragments/f/policy.xml": f"<fragment>{mark('x-f', '2')}</fragment>"}
    yield "an operation's policy", {"apis/shop/operations/b/policy.xml": document(f"<base />{mark('x', 'b')}")}
    yield "a policy that asks for the specification", {"apis/other/policy.xml": VALIDATING}
    yield "another API", {**api("third", policy=VALIDATING, **SHOP)}
    yield "a specification", {**api("other", {"get": "GET /{id}"}, serviceUrl="http://other.test")}
    yield "a subscription", {**subscription("t", "/apis", "l")}
    yield "a state", {**subscription("t", "/apis", "l", state="suspended")}
    yield "out of the product", {"products/gold/apis/shop/productApiInformation.json": None}
    yield "a broken policy", {"apis/shop/policy.xml": "<policies><inbound><teleport /></inbound></policies>"}
    yield "mended", {"apis/shop/policy.xml": document(f"<base />{mark('x', 'c')}")}
    yield "no operation's policy", {"apis/shop/operations/b/policy.xml": None}
    yield "a backend", {"backends/b/backendInformation.json": information("b", {"url": "http://b.test"})}
    yield "its use", {"apis/shop/policy.xml": document('<base /><set-backend-service backend-id="b" />')}
    yield "its address", {"backends/b/backendInformation.json": information("b", {"url": "http://c.test"})}
    yield "no global policy", {"policy.xml": None}
    yield "no third API", dict.fromkeys(api("third", policy=""))


def test_every_edit_comes_to_the_same_as_from_nothing() -> None:
    """But for last good versions, which only a history can have."""
    files: dict[str, str] = {}
    last: Compilation | None = None
    for what, changes in edits():
        files.update({path: text for path, text in changes.items() if text is not None})
        for path in [path for path, text in changes.items() if text is None]:
            del files[path]
        last = compiled(files, previous=last)
        if what == "a broken policy":
            assert last.has_errors
            continue
        fresh = compiled(files)
        assert last.snapshot.digest == fresh.snapshot.digest, what
        assert last.diagnostics == fresh.diagnostics, what
        assert not last.has_errors, (what, last.diagnostics)


def test_a_changed_policy_touches_its_own_routes_only() -> None:
    """Everything else is the very object that it was."""
    files = world(20, 5)
    before = compiled(files)
    path, text = changed_policy(7, "x")
    after = compiled({**files, path: text}, previous=before)
    old, new = (each.world.gateways[0].listeners[0].routes for each in (before, after))
    touched = [now.id for was, now in zip(old, new, strict=True) if was is not now]
    assert len(touched) == 5
    assert all(each.startswith("apim/api-0007/") for each in touched)


def test_what_was_asked_for_once_is_forgotten_when_nobody_asks() -> None:
    """Contracts of specifications are kept for the routes that are there."""
    files = {**api("shop", policy=VALIDATING, **SHOP), **api("other", **SHOP)}
    first = compiled(files)
    second = compiled({**files, "apis/shop/policy.xml": document()}, previous=first)
    third = compiled({path: text for path, text in files.items() if "shop" not in path}, previous=second)
    kept = [each.previous.policies.contracts for each in (first, third) if isinstance(each.previous, Remembered)]
    assert [len(each) for each in kept] == [1, 0]
