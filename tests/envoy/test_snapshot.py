"""A snapshot is whole, and equal content is equal."""

from __future__ import annotations

import pytest

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


def test_a_secret_that_nobody_asked_for_is_refused() -> None:
    """It would go to every Envoy."""
    with pytest.raises(InconsistentSnapshot, match="stray"):
        Snapshot.of(whole(), external_secrets=["s"]).with_secrets({"stray": generic_secret("stray", "x")})
