"""The order in which routes are tried is total and is the specification's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.manifests.precedence import precedence
from tidegate.model import HeaderMatch, PathMatch, PathMatchKind, RouteMatch

MATCHES = st.builds(
    RouteMatch,
    path=st.builds(PathMatch, st.sampled_from(PathMatchKind), st.sampled_from(["/", "/a", "/a/b", "/a/[0-9]"])),
    headers=st.lists(st.builds(HeaderMatch, st.sampled_from("xyz"), st.just("1")), max_size=2).map(tuple),
    method=st.sampled_from([None, "GET"]),
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
def test_narrower_paths_come_first(
    one: tuple[RouteMatch, str | None, int], other: tuple[RouteMatch, str | None, int]
) -> None:
    """Exact paths before all others, whatever else differs; among prefixes the longer one."""
    mine, theirs = one[0].path, other[0].path
    if mine.kind is PathMatchKind.EXACT and theirs.kind is not PathMatchKind.EXACT:
        assert rank(one) < rank(other)
    if mine.kind is theirs.kind is PathMatchKind.PREFIX and len(mine.value) > len(theirs.value):
        assert rank(one) < rank(other)
