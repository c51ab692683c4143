"""Clusters say where requests end; the goldens in testdata/compilers/clusters show them whole."""

from __future__ import annotations

import pytest

from tidegate.envoy.clusters import Limits, Speech, Upstream, eds_cluster, host_cluster, load_assignment


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::7"])
def test_an_address_is_not_looked_up(host: str) -> None:
    """DNS has no part in it."""
    assert host_cluster("c", Upstream(Speech.HTTP1, "1s"), host=host, port=443)["type"] == "STATIC"


def test_a_name_is_looked_up() -> None:
    """Not once, but as long as the cluster lives."""
    made = host_cluster("c", Upstream(Speech.HTTP1, "1s"), host="api.example.com", port=443)
    assert made["cluster_type"]["name"] == "envoy.clusters.dns"


def test_a_service_without_endpoints_is_valid() -> None:
    """Its requests answer 503; Envoy does not wait."""
    assert load_assignment("c", []) == {"cluster_name": "c", "endpoints": []}


def test_health_may_be_asked_for_at_another_port() -> None:
    (group,) = load_assignment("c", [("127.0.0.1", 1)], probe_port=2)["endpoints"]
    (endpoint,) = group["lb_endpoints"]
    assert endpoint["endpoint"]["health_check_config"] == {"port_value": 2}


def test_bytes_know_no_http() -> None:
    """No filter, no proof, no idle timeout of requests."""
    made = eds_cluster("c", Upstream(Speech.BYTES, "1s", proof_secret="p"))
    assert "typed_extension_protocol_options" not in made


def test_a_bound_on_retries_replaces_the_budget() -> None:
    """Envoy ignores `max_retries` beside a budget."""
    (bounds,) = Limits(max_retries=1, max_connections=1 << 40).to_json()["thresholds"]
    assert bounds["max_retries"] == 1
    assert "retry_budget" not in bounds
    assert bounds["max_connections"] == (1 << 32) - 1, "what the field holds"
