"""The order in which routes are tried is total and is the specification's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import rules_of
from tidegate.manifests.precedence import grpc_rank, http_rank, precedence
from tidegate.model import HeaderMatch, PathMatch, PathMatchKind, QueryMatch, RouteMatch

MATCHES = st.builds(
    RouteMatch,
    path=st.builds(PathMatch, st.sampled_from(PathMatchKind), st.sampled_from(["/", "/a", "/a/b", "/a/[0-9]"])),
    headers=st.lists(st.builds(HeaderMatch, st.sampled_from("xyz"), st.just("1")), max_size=2).map(tuple),
    method=st.sampled_from([None, "GET"]),
    query=st.lists(st.builds(QueryMatch, st.sampled_from("xyz"), st.just("1")), max_size=2).map(tuple),
)
RANKED = st.tuples(MATCHES, st.sampled_from([None, "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]), st.integers(0, 3))


def rank(one: tuple[RouteMatch, str | None, int]) -> tuple[int | bool | str, ...]:
    match, created, rule = one
    return precedence(match, age=(created is None, created or "", "shop/a"), rule=rule, position=0)


@given(st.lists(RANKED, max_size=6))
def test_order_is_total(ranked: list[tuple[RouteMatch, str | None, int]]) -> None:
    """Any routes can be put in order, and any order of arrival gives the same one."""
    assert sorted(map(rank, ranked)) == sorted(map(rank, reversed(ranked)))


@given(RANKED, RANKED)
def test_narrower_matches_come_first(
    one: tuple[RouteMatch, str | None, int], other: tuple[RouteMatch, str | None, int]
) -> None:
    """Exact paths before all others, the longer prefix, a method, more headers, more parameters: in this order, each
    only where all before it are equal."""
    mine, theirs = one[0], other[0]
    if mine.path.kind is PathMatchKind.EXACT and theirs.path.kind is not PathMatchKind.EXACT:
        assert rank(one) < rank(other)
    if mine.path.kind is theirs.path.kind is PathMatchKind.PREFIX:
        lengths = (len(mine.path.value), len(theirs.path.value))
        if lengths[0] > lengths[1]:
            assert rank(one) < rank(other)
    if mine.path == theirs.path:
        if (mine.method, theirs.method) == ("GET", None):
            assert rank(one) < rank(other)
        if mine.method == theirs.method:
            if len(mine.headers) > len(theirs.headers):
                assert rank(one) < rank(other)
            if len(mine.headers) == len(theirs.headers) and len(mine.query) > len(theirs.query):
                assert rank(one) < rank(other)


@given(RANKED)
def test_last_resorts(one: tuple[RouteMatch, str | None, int]) -> None:
    """The older route, its name, the first rule, the first match; a route without a timestamp is the youngest."""
    match = one[0]
    old, new = (False, "2026-01-01T00:00:00Z", "shop/z"), (False, "2026-02-01T00:00:00Z", "shop/a")
    ages = [old, new, (False, "2026-02-01T00:00:00Z", "shop/b"), (True, "", "shop/a")]
    keys = [
        precedence(match, age=age, rule=rule, position=position)
        for age in ages
        for rule in (0, 1)
        for position in (0, 1)
    ]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


def order(matches: list[str], kind: str) -> list[int]:
    """The places of matches of one rule, in the order in which they are tried."""
    resolution, _ = rules_of(f"[{{matches: [{', '.join(matches)}]}}]", kind=kind)
    made = resolution.rules[0].matches
    keys = [
        precedence(each.match, age=(True, "", "shop/r"), rule=0, position=position, rank=each.rank)
        for position, each in enumerate(made)
    ]
    return sorted(range(len(keys)), key=keys.__getitem__)


HTTP = [
    "{path: {type: Exact, value: /a}, method: GET}",
    "{path: {type: Exact, value: /a}, headers: [{name: a, value: b}]}",
    "{path: {type: Exact, value: /a}}",
    "{path: {type: RegularExpression, value: /a.*}}",
    "{path: {value: /a/b/c}}",
    "{path: {value: /a/b}, method: GET}",
    "{path: {value: /a/b}, headers: [{name: a, value: b}, {name: c, value: d}]}",
    "{path: {value: /a/b}, headers: [{name: a, value: b}], queryParams: [{name: a, value: b}, {name: c, value: d}]}",
    "{path: {value: /a/b}, headers: [{name: a, value: b}], queryParams: [{name: a, value: b}]}",
    "{path: {value: /a/b}, queryParams: [{name: a, value: b}]}",
    "{path: {value: /a/b/}}",
    "{path: {value: /a/}}",
    "{headers: [{name: a, value: b}]}",
    "{}",
]
GRPC = [
    "{method: {service: shop.v1.Cart, method: Remove}}",
    "{method: {service: shop.v1.Cart, method: Add}, headers: [{name: a, value: b}]}",
    "{method: {service: shop.v1.Cart, method: Add}}",
    "{method: {service: shop.v1.Cart}}",
    "{method: {service: shop.Cart, method: Remove}}",
    '{method: {type: RegularExpression, service: "shop[.].*", method: Add}}',
    '{method: {type: RegularExpression, service: "shop[.].*"}}',
    "{method: {method: Remove}}",
    "{method: {method: Add}}",
    '{method: {type: RegularExpression, method: "Add.*"}}',
    "{headers: [{name: a, value: b}, {name: c, value: d}]}",
    "{headers: [{name: a, value: b}]}",
    "{}",
]


@pytest.mark.parametrize(("kind", "matches"), [("HTTPRoute", HTTP), ("GRPCRoute", GRPC)])
@pytest.mark.parametrize("turn", [1, -1])
def test_order_of_the_specification(kind: str, matches: list[str], turn: int) -> None:
    """Written in any order, matches are tried in this one."""
    assert [matches[::turn][index] for index in order(matches[::turn], kind)] == matches


def test_ranks_of_both_kinds_can_be_compared() -> None:
    """They never meet at one host, but stand in one list."""
    assert len(http_rank(RouteMatch())) == len(grpc_rank(service="a", method="", regex=False, headers=0))
