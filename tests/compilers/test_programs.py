"""What a policy program finds with its route, and what routes share."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from tidegate.compilers.programs import facts_data, filter_context, library, route_data
from tidegate.diagnostics import Span
from tidegate.model import (
    Access,
    ApiFacts,
    Facts,
    Forward,
    IssuerKey,
    IssuerMetadata,
    ObjectKey,
    OperationFacts,
    PolicyProgram,
    ProductFacts,
    ProductProgram,
    Route,
    RouteMatch,
    SubscriptionFacts,
    Subscriptions,
    SubscriptionScope,
    key_digest,
)

PROGRAM = PolicyProgram(digest="d", lua="return {}", issuers=("https://a/config", "https://b/config"))
OTHER = PolicyProgram(digest="e", lua="return {1}", issuers=("https://c/config",))
ROUTE = Route(
    id="r",
    hostnames=(),
    match=RouteMatch(),
    action=Forward(()),
    owner=ObjectKey("", "Api", "apim", "a"),
    span=Span("a", 1, 1, 1, 1),
    program=PROGRAM,
)
CALLER = SubscriptionFacts("s", "S", SubscriptionScope.PRODUCT, "gold", True, key_digest("secret"), key_digest("two"))
SUBSCRIPTIONS = Subscriptions((CALLER, replace(CALLER, id="t", active=False, primary_digest=key_digest("old"))))
FACTS = Facts(
    ApiFacts("a", "A", "a"),
    OperationFacts("o", "O", "GET", "/"),
    Access(True, products=(ProductFacts("gold", "Gold"),), subscriptions=SUBSCRIPTIONS),
)
OPERATION = replace(ROUTE, facts=FACTS, products=(ProductProgram("gold", OTHER),))


def metadata(url: str, *kids: str) -> IssuerMetadata:
    return IssuerMetadata(url, "https://a/", tuple(IssuerKey(kid, "RSA", ("RS256",), kid.encode()) for kid in kids))


ONE = {"https://a/config": metadata("https://a/config", "k")}


def test_keys_come_bound_to_their_algorithms() -> None:
    """RFC 8725 section 3.1."""
    digest = filter_context(ROUTE, ONE)["keys_digest"]
    assert library(ROUTE, ONE)[f"keys:{digest}"] == {
        "https://a/config": {
            "issuer": "https://a/",
            "keys": [{"kid": "k", "algorithms": ["RS256"], "der": base64.b64encode(b"k").decode()}],
        }
    }


def test_other_programs_keys_are_left_out() -> None:
    """A program trusts the issuers that it names."""
    assert set(library(ROUTE, {"https://c/config": metadata("https://c/config", "k")})) == {"program:d"}


def test_the_digest_of_keys_changes_with_them_only() -> None:
    """Workers cache by it."""
    two = {"https://a/config": metadata("https://a/config", "k", "l")}
    assert filter_context(ROUTE, ONE)["keys_digest"] == filter_context(ROUTE, dict(ONE))["keys_digest"]
    assert filter_context(ROUTE, ONE)["keys_digest"] != filter_context(ROUTE, two)["keys_digest"]


def test_what_is_read_on_every_request_is_small() -> None:
    """Envoy copies the filter context whenever Lua asks for it."""
    assert set(filter_context(ROUTE, {})) == {"program", "keys_digest"}
    assert set(filter_context(OPERATION, {})) == {"program", "keys_digest", "facts"}
    with pytest.raises(ValueError, match="no program"):
        filter_context(replace(ROUTE, program=None), {})


def test_a_route_that_changes_origin_says_so() -> None:
    """Responses of it do not work out their CORS headers from the request."""
    assert filter_context(ROUTE, {}, changes_origin=True)["changes_origin"] == "yes"


def test_programs_of_products_travel_with_the_route_that_may_need_them() -> None:
    """By digest; one that is not accepted is closed."""
    assert {name for name in library(OPERATION, {}) if name.startswith("program:")} == {"program:d", "program:e"}
    assert route_data(ROUTE) == {"has_program": True}
    assert route_data(OPERATION)["facts"]["access"]["products"]["gold"]["program"] == "e"
    closed = facts_data(replace(OPERATION, products=(ProductProgram("gold", None),)))
    assert closed["access"]["products"]["gold"]["program"] == "closed"


def test_keys_of_subscriptions_are_never_told() -> None:
    """Only digests of those that are active."""
    table = library(OPERATION, {})[f"subscriptions:{SUBSCRIPTIONS.digest}"]
    assert set(table) == {key_digest("secret"), key_digest("two")}
    assert table[key_digest("secret")]["target"] == "gold"
    assert "secret" not in str(library(OPERATION, {})) + str(route_data(OPERATION))
