"""Shares of a rule's requests, each with its backend's own filters."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edges import edge, recording, until
from real_envoy import Client
from tidegate.compilers.routes import compile_route
from tidegate.compilers.shares import shares
from tidegate.envoy.matches import MILLION
from tidegate.model import (
    BackendFilters,
    Forward,
    HeaderChange,
    HeaderChanges,
    Mirror,
    Redirect,
    Rewrite,
    Timeouts,
    WeightedBackend,
)
from worlds import backend, forward, route

MOVED = BackendFilters(redirect=Redirect(scheme="https"))
NAMED = BackendFilters(
    request_headers=HeaderChanges(set=(HeaderChange("x-both", "backend"), HeaderChange("Host", "own.test"))),
    response_headers=HeaderChanges(add=(HeaderChange("x-from", "backend"),)),
)
RULE = HeaderChanges(set=(HeaderChange("x-both", "rule"), HeaderChange("x-rule", "rule")))


def test_a_rule_without_filters_of_backends_is_one_route() -> None:
    """Weights are Envoy's; header changes and another Host of a backend too."""
    assert len(shares(route("r", forward(backend("a"), backend("b"))))) == 1
    inline = Forward((WeightedBackend(backend("a").id, 1, NAMED), WeightedBackend(None, 1)))
    assert len(shares(route("r", inline))) == 1


@given(st.lists(st.integers(0, 1_000_000), min_size=1, max_size=16).filter(any))
def test_bounds_share_the_requests_by_weight(weights: list[int]) -> None:
    """To the millionth; a weight of 0 has no route, and the last one takes what is left."""
    split = Forward(tuple(WeightedBackend(backend(f"b{i}").id, w, MOVED) for i, w in enumerate(weights)))
    made = shares(route("r", split))
    positive = [weight for weight in weights if weight > 0]
    assert [one.below is None for one in made] == [*([False] * (len(positive) - 1)), True]
    bounds = [0, *(MILLION if one.below is None else one.below for one in made)]
    for weight, low, high in zip(positive, bounds, bounds[1:], strict=False):
        assert abs((high - low) - weight * MILLION / sum(positive)) <= 1


def test_a_backends_filters_follow_the_rules() -> None:
    """What both set is the backend's; a mirror and a path of its own are added to the rule's."""
    a, m1, m2 = (backend(name).id for name in ("a", "m1", "m2"))
    filters = replace(NAMED, mirrors=(Mirror(m2),), rewrite=Rewrite(hostname="new.test", replace_path="/new"))
    rule = Forward((WeightedBackend(a, 3, filters),), replace_prefix="/old", host="rule.test", mirrors=(Mirror(m1),))
    changes = replace(RULE, set=(*RULE.set, HeaderChange("host", "set.test")))
    (share,) = shares(route("r", rule, request_headers=changes))
    assert share.below is None
    assert share.route.action == Forward(
        (WeightedBackend(a, 1),), host="new.test", replace_path="/new", mirrors=(Mirror(m1), Mirror(m2))
    )
    assert {change.name.lower(): change.value for change in share.route.request_headers.set} == {
        "x-both": "backend",
        "x-rule": "rule",
        "host": "own.test",
    }


def test_nothing_of_one_share_depends_on_another() -> None:
    """Timeouts and policies are the rule's, whichever backend answers."""
    split = Forward(
        (WeightedBackend(backend("a").id, 1, MOVED), WeightedBackend(backend("b").id, 1)), timeouts=Timeouts(5)
    )
    first, second = compile_route(route("r", split), {})
    assert "redirect" in first
    assert first["match"]["runtime_fraction"]["default_value"] == {"numerator": 500_000, "denominator": "MILLION"}
    assert (second["match"], second["route"]["timeout"]) == ({"prefix": "/"}, "5s")


@pytest.mark.e2e
async def test_shares_are_exact() -> None:
    """Every kind of filter at a backend of its own, and a reference that does not resolve."""
    async with recording("plain", "named", "moved", "mirrored", "copy") as pairs:
        plain, named, moved, mirrored, copy = (to for _, to in pairs)
        targets = (
            WeightedBackend(plain.id, 40),
            WeightedBackend(named.id, 20, NAMED),
            WeightedBackend(None, 10),
            WeightedBackend(moved.id, 10, BackendFilters(rewrite=Rewrite("own.test", replace_prefix="/own"))),
            WeightedBackend(mirrored.id, 10, BackendFilters(mirrors=(Mirror(copy.id),))),
            WeightedBackend(None, 0, MOVED),
            WeightedBackend(backend("gone").id, 10, MOVED),
        )
        rule = route("r", Forward(targets), path="/a", request_headers=RULE)
        backends = [to for _, to in pairs] + [backend("gone")]
        seen: Counter[str] = Counter()
        async with edge(rule, backends=backends) as port, Client(port) as client:
            for _ in range(4000):
                answer = await client.get("/a/x")
                kind = answer.body.partition('"backend": "')[2].partition('"')[0] or str(answer.status)
                seen[kind] += 1
                assert answer.headers.get("x-from") == ("backend" if kind == "named" else None)
            await until(lambda: len(pairs[4][0].received) == seen["mirrored"])
        by_name = {one.name: one for one, _ in pairs}
        for kind, share in (("plain", 40), ("named", 20), ("500", 10), ("moved", 10), ("mirrored", 10), ("302", 10)):
            # Five standard deviations.
            assert abs(seen[kind] - 40 * share) < 5 * (40 * share * (1 - share / 100)) ** 0.5, (kind, seen)
        assert set(seen) == {"plain", "named", "500", "moved", "mirrored", "302"}
        for name, path, host, both in (
            ("plain", "/a/x", "gateway.test", "rule"),
            ("named", "/a/x", "own.test", "backend"),
            ("moved", "/own/x", "own.test", "rule"),
            ("mirrored", "/a/x", "gateway.test", "rule"),
            ("copy", "/a/x", "gateway.test", "rule"),
        ):
            one = by_name[name].last
            assert (one.path, one.host, one.header("x-both"), one.header("x-rule")) == (path, host, both, "rule")


@pytest.mark.e2e
async def test_header_changes_of_backends_need_no_routes() -> None:
    """In weighted clusters they act after the rule's, also where one backend stands twice."""
    async with recording("v1") as [(v1, to)]:
        removed = BackendFilters(request_headers=HeaderChanges(remove=("x-both",)))
        targets = (WeightedBackend(to.id, 1, NAMED), WeightedBackend(to.id, 1, removed), WeightedBackend(to.id, 1))
        rule = route("r", Forward(targets), request_headers=RULE)
        assert len(compile_route(rule, {})) == 1
        async with edge(rule, backends=[to]) as port, Client(port) as client:
            for _ in range(60):
                assert (await client.get("/")).status == 200
        assert {(r.header("x-both"), r.host) for r in v1.received} == {
            ("backend", "own.test"),
            (None, "gateway.test"),
            ("rule", "gateway.test"),
        }
