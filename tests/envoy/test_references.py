"""Which resources another one needs."""

from __future__ import annotations

from tidegate.envoy import CLUSTER, ENDPOINT, LISTENER, NO_BACKEND, ROUTE, SECRET, ResourceName, references


def test_a_cluster_needs_its_endpoints_and_every_secret_inside() -> None:
    """The service name counts where there is one; secrets are found at any depth."""
    cluster = {
        "name": "c",
        "type": "EDS",
        "eds_cluster_config": {"service_name": "e"},
        "filters": [{"deep": [{"name": "s", "sds_config": {}}]}],
    }
    assert references(CLUSTER, cluster) == {ResourceName(ENDPOINT, "e"), ResourceName(SECRET, "s")}


def test_a_cluster_that_is_not_fed_by_eds_needs_no_endpoints() -> None:
    assert references(CLUSTER, {"name": "c", "type": "STATIC"}) == frozenset()


def test_a_listener_needs_its_routes_and_certificates() -> None:
    """One of each per filter chain."""
    chain = {"rds": {"route_config_name": "r"}, "tls": [{"name": "s", "sds_config": {}}]}
    assert references(LISTENER, {"filter_chains": [chain]}) == {ResourceName(ROUTE, "r"), ResourceName(SECRET, "s")}


def test_routes_need_the_clusters_of_every_share() -> None:
    """Also of weighted ones; an answer of its own needs none."""
    weighted = {"route": {"weighted_clusters": {"clusters": [{"name": "a"}, {"name": "b"}]}}}
    table = {"virtual_hosts": [{"routes": [weighted, {"route": {"cluster": "c"}}, {"direct_response": {}}]}]}
    assert references(ROUTE, table) == {ResourceName(CLUSTER, name) for name in "abc"}


def test_only_a_route_that_answers_500_for_it_may_name_the_missing_backend() -> None:
    """Anywhere else it would be Envoy's 503."""
    right = {"route": {"cluster": NO_BACKEND, "cluster_not_found_response_code": "INTERNAL_SERVER_ERROR"}}
    wrong = {"route": {"cluster": NO_BACKEND}}
    assert references(ROUTE, {"virtual_hosts": [{"routes": [right]}]}) == frozenset()
    assert references(ROUTE, {"virtual_hosts": [{"routes": [wrong]}]}) == {ResourceName(CLUSTER, NO_BACKEND)}
