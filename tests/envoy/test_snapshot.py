"""A snapshot is whole, and equal content is equal."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.envoy import (
    CLUSTER,
    ENDPOINT,
    LISTENER,
    ROUTE,
    SECRET,
    InconsistentSnapshot,
    JsonObject,
    ResourceName,
    Snapshot,
    generic_secret,
)

Resources = dict[str, dict[str, JsonObject]]


def whole() -> Resources:
    """Listener l, routes r, cluster c with a secret s that the shell makes."""
    return {
        LISTENER: {"l": {"name": "l", "rds": {"route_config_name": "r"}}},
        ROUTE: {"r": {"name": "r", "virtual_hosts": [{"routes": [{"route": {"cluster": "c"}}]}]}},
        CLUSTER: {
            "c": {"name": "c", "type": "EDS", "eds_cluster_config": {}, "filter": {"name": "s", "sds_config": {}}}
        },
        ENDPOINT: {"c": {"cluster_name": "c", "endpoints": []}},
    }


def broken(resources: Resources) -> str:
    with pytest.raises(InconsistentSnapshot) as caught:
        Snapshot.of(resources, external_secrets=["s"])
    return str(caught.value)


def test_a_whole_snapshot_is_accepted() -> None:
    """What is referred to is there, or is promised by the shell."""
    assert Snapshot.of(whole(), external_secrets=["s"]).external_secrets == {"s"}


def test_a_cluster_without_its_endpoints_is_refused() -> None:
    """An empty assignment is fine, none is not."""
    resources = whole()
    del resources[ENDPOINT]
    assert broken(resources) == "Cluster 'c' refers to ClusterLoadAssignment 'c', which is not there"


def test_a_route_to_nowhere_is_refused() -> None:
    """So Envoy never sees one."""
    resources = whole()
    resources[ROUTE]["r"]["virtual_hosts"][0]["routes"].append({"route": {"cluster": "d"}})
    assert broken(resources) == "RouteConfiguration 'r' refers to Cluster 'd', which is not there"


def test_a_secret_that_nobody_promised_is_refused() -> None:
    """Envoy would wait for it."""
    with pytest.raises(InconsistentSnapshot, match="Cluster 'c' refers to Secret 's'"):
        Snapshot.of(whole())


def test_what_nothing_refers_to_is_refused() -> None:
    """All of it is said at once."""
    resources = whole()
    resources[ENDPOINT]["lost"] = {"cluster_name": "lost"}
    resources[SECRET] = {"stray": {"name": "stray"}}
    assert broken(resources) == "nothing refers to ClusterLoadAssignment 'lost'; nothing refers to Secret 'stray'"


def test_a_resource_under_another_name_is_refused() -> None:
    """Envoy goes by the name inside."""
    resources = whole()
    resources[LISTENER]["l"]["name"] = "other"
    assert broken(resources) == "Listener 'l' is filed under a name that is not its own"


def test_a_type_that_is_not_served_is_refused() -> None:
    """It would be dropped silently."""
    with pytest.raises(InconsistentSnapshot, match="Runtime"):
        Snapshot.of({"type.googleapis.com/envoy.service.runtime.v3.Runtime": {}})


def test_order_is_no_content() -> None:
    """Names and keys in any order give the same digest; content gives another."""
    resources = whole()
    backwards = {
        url: {n: dict(reversed(list(r.items()))) for n, r in reversed(named.items())} for url, named in whole().items()
    }
    first = Snapshot.of(resources, external_secrets=["s"])
    assert Snapshot.of(backwards, external_secrets=["s"]).digest == first.digest
    resources[ENDPOINT]["c"]["endpoints"] = [{}]
    assert Snapshot.of(resources, external_secrets=["s"]).digest != first.digest


def test_a_secret_of_the_shell_is_added_without_touching_the_rest() -> None:
    """Only its version is new."""
    snapshot = Snapshot.of(whole(), external_secrets=["s"])
    versions = dict(snapshot.versions)
    filled = snapshot.with_secrets({"s": generic_secret("s", "Bearer one")})
    assert filled.external_secrets == frozenset()
    name = ResourceName(SECRET, "s")
    assert {key: version for key, version in filled.versions.items() if key != name} == versions
    again = Snapshot.of(whole(), external_secrets=["s"]).with_secrets({"s": generic_secret("s", "Bearer one")})
    assert again.digest == filled.digest


def test_secrets_that_are_equal_are_taken_over() -> None:
    """The table of the snapshot before, as the very object; a new token makes another one."""
    snapshot = Snapshot.of(whole(), external_secrets=["s"])
    filled = snapshot.with_secrets({"s": generic_secret("s", "Bearer one")})
    again = snapshot.with_secrets({"s": generic_secret("s", "Bearer one")}, before=filled)
    assert again.table(SECRET) is filled.table(SECRET)
    renewed = snapshot.with_secrets({"s": generic_secret("s", "Bearer two")}, before=filled)
    assert renewed.digest == snapshot.with_secrets({"s": generic_secret("s", "Bearer two")}).digest != filled.digest


def test_a_secret_that_nobody_asked_for_is_refused() -> None:
    """It would go to every Envoy."""
    with pytest.raises(InconsistentSnapshot, match="stray"):
        Snapshot.of(whole(), external_secrets=["s"]).with_secrets({"stray": generic_secret("stray", "x")})


_NAMES = st.sampled_from(("a", "b"))


@st.composite
def _resources(draw: st.DrawFn) -> tuple[Resources, tuple[str, ...]]:
    """Whole ones and broken ones: what is referred to is there, mostly."""
    clusters = draw(st.sets(_NAMES))
    revision = st.integers(0, 2)
    absent = draw(st.sets(st.tuples(st.sampled_from((CLUSTER, ENDPOINT, ROUTE)), _NAMES), max_size=1))
    actions = [{"route": {"cluster": name}, "revision": draw(revision)} for name in sorted(clusters)]
    made: Resources = {
        LISTENER: {"l": {"name": "l", "rds": {"route_config_name": "a"}, "revision": draw(revision)}},
        ROUTE: {"a": {"name": draw(st.sampled_from(("a", "a", "a", "b"))), "virtual_hosts": [{"routes": actions}]}},
        CLUSTER: {n: {"name": n, "type": "EDS", "eds_cluster_config": {}, "sds_config": {}} for n in clusters},
        ENDPOINT: {name: {"cluster_name": name, "endpoints": [{}] * draw(revision)} for name in clusters},
    }
    kept = {url: {n: r for n, r in named.items() if (url, n) not in absent} for url, named in made.items()}
    return kept, tuple(sorted(draw(st.sampled_from((clusters, clusters, set(), {"a"})))))


def _outcome(this: tuple[Resources, tuple[str, ...]], before: Snapshot | None) -> Snapshot | str:
    try:
        return Snapshot.of(this[0], external_secrets=this[1], before=before)
    except InconsistentSnapshot as no:
        return str(no)


@settings(deadline=None, max_examples=60)
@given(st.lists(_resources(), min_size=2, max_size=6))
def test_a_snapshot_after_another_is_what_it_would_be_from_scratch(
    steps: list[tuple[Resources, tuple[str, ...]]],
) -> None:
    """The check finds the same; versions and digest are the same; what is equal is the very same."""
    last: Snapshot | None = None
    for step in steps:
        made, scratch = _outcome(step, last), _outcome(step, None)
        if not isinstance(scratch, Snapshot) or not isinstance(made, Snapshot):
            assert made == scratch
            continue
        assert made.versions == scratch.versions
        assert made.digest == scratch.digest
        assert dict(made.resources) == dict(scratch.resources)
        assert made.external_secrets == scratch.external_secrets
        if last is not None:
            shared = [new is old for new, old in zip(made.tables, last.tables, strict=True)]
            equal = [new.resources == old.resources for new, old in zip(made.tables, last.tables, strict=True)]
            assert shared == equal
        last = made


@given(_resources(), _resources())
def test_versions_are_equal_exactly_where_contents_are(
    one: tuple[Resources, tuple[str, ...]], other: tuple[Resources, tuple[str, ...]]
) -> None:
    """So nothing is sent twice, and nothing is missed."""
    first, second = _outcome(one, None), _outcome(other, None)
    if not isinstance(first, Snapshot) or not isinstance(second, Snapshot):
        return
    contents, others = dict(first), dict(second)
    for name in contents.keys() & others.keys():
        assert (first.versions[name] == second.versions[name]) == (contents[name] == others[name])
