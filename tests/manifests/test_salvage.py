"""What can be read of a malformed object, and that cutting never widens what it matches."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tidegate.diagnostics import Found
from tidegate.manifests.check import check
from tidegate.manifests.salvage import salvage
from tidegate.manifests.schema import Resource
from tidegate.manifests.schema.core import Secret
from tidegate.manifests.schema.gateway_api import Gateway, HTTPRoute
from tidegate.manifests.schema.tidegate import ApimPolicy
from tidegate.sources import Mapping, Source
from tidegate.sources.yaml import read_yaml

META = {"apiVersion": "v1", "kind": "K", "metadata": {"name": "r"}}


def salvaged(schema: type[Resource], spec: object, **extra: object) -> Resource | None:
    text = yaml.safe_dump({**META, "spec": spec, **extra})
    (node,) = read_yaml(Source("a.yaml", text), Found(), {})
    assert isinstance(node, Mapping)
    body, wrong = check(node, schema, subject="it", found=Found())
    assert body is None
    rest = salvage(node, schema, wrong, subject="it")
    return rest[0] if rest else None


def paths(route: Resource | None) -> list[list[str]]:
    assert isinstance(route, HTTPRoute)
    return [[match.path.value for match in rule.matches] for rule in route.spec.rules]


def test_filters_go_and_matches_stay() -> None:
    """The requests that the rule wanted are known, so they can be refused."""
    rule = {"matches": [{"path": {"value": "/a"}}], "filters": [{"type": "CORS"}], "retry": {}}
    assert paths(salvaged(HTTPRoute, {"rules": [rule]})) == [["/a"]]


def test_match_that_cannot_be_read_goes_whole() -> None:
    """And a rule without matches left goes with it: it would match everything."""
    wrong = {"path": {"value": "/a"}, "queryParameters": []}
    rules = [{"matches": [wrong, {"path": {"value": "/b"}}]}, {"matches": [wrong]}, {"matches": wrong}]
    assert paths(salvaged(HTTPRoute, {"rules": rules})) == [["/b"]]


@pytest.mark.parametrize(
    "spec",
    [
        {"hostnames": ["A.com"], "rules": [{}]},
        {"hostnames": "a.com"},
        {"rules": "none"},
        {"rules": [{"matches": [{"path": "/"}]}]},
        [],
    ],
)
def test_route_whose_hosts_or_rules_cannot_be_read_is_not_salvaged(spec: object) -> None:
    """Without its hostnames it would refuse the requests of others."""
    assert salvaged(HTTPRoute, spec) is None


def test_name_that_is_wrong_is_not_salvaged() -> None:
    """What cannot be named cannot be told apart."""
    assert salvaged(HTTPRoute, {"rules": [{}]}, metadata={"name": "A_B"}) is None
    assert salvaged(HTTPRoute, {"rules": [{}]}, metadata={"name": "a", "labels": {"a": 1}}) is not None


def test_gateway_keeps_the_listeners_that_can_be_read() -> None:
    """Their ports open and answer 503."""
    good = {"name": "a", "port": 80, "protocol": "HTTP", "color": "red"}
    gateway = salvaged(Gateway, {"gatewayClassName": "x", "listeners": [good, {**good, "name": "b", "port": "x"}]})
    assert isinstance(gateway, Gateway)
    assert [listener.name for listener in gateway.spec.listeners] == ["a"]


def test_policy_keeps_its_targets() -> None:
    """So that what it was to protect can be closed; a section that cannot be read closes the whole of it."""
    target = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "r", "sectionName": 7}
    policy = salvaged(ApimPolicy, {"targetRefs": [target], "policy": {"file": 1}})
    assert isinstance(policy, ApimPolicy)
    assert [(reference.name, reference.section_name) for reference in policy.spec.target_refs] == [("r", None)]


@pytest.mark.parametrize(
    "targets", [[], ["r"], [{"group": "gateway.networking.k8s.io", "kind": "Htproute", "name": "r"}]]
)
def test_policy_with_a_target_that_cannot_be_read_is_not_salvaged(targets: object) -> None:
    """It may have meant any: everything of its namespace is closed, which is for those that ask what was refused."""
    assert salvaged(ApimPolicy, {"targetRefs": targets, "policy": {"inline": ""}}) is None


def test_other_kinds_are_not_salvaged() -> None:
    """Half a Secret is no Secret."""
    assert salvaged(Secret, {}) is None


MATCH = st.fixed_dictionaries(
    {},
    optional={
        "path": st.sampled_from([{"value": "/a"}, {"value": 1}]),
        "queryParameters": st.just([]),
        "odd": st.just(1),
    },
)
RULE = st.fixed_dictionaries({"x": st.just(1)}, optional={"matches": st.lists(MATCH, max_size=2)})


@given(st.lists(RULE, min_size=1, max_size=3))
def test_salvaged_matches_are_among_those_written(rules: list[dict[str, object]]) -> None:
    """Whatever is wrong, no match appears that the author did not write."""
    rest = salvaged(HTTPRoute, {"rules": rules})
    if rest is None:
        return
    written = [rule.get("matches") or [{}] for rule in rules]
    plain = [
        [{"path": {"value": match.path.value}} if match.path.value != "/" else {} for match in rule.matches] or [{}]
        for rule in rest.spec.rules  # type: ignore[attr-defined]  # an HTTPRoute
    ]
    for rule in plain:
        assert any(all(match in each for match in rule) for each in written)  # type: ignore[operator]  # lists of dicts
