"""Clusters say where requests end; the goldens in testdata/compilers/clusters show them whole."""

from __future__ import annotations

import pytest

from tidegate.envoy.clusters import external_cluster, load_assignment, service_cluster


@pytest.mark.parametrize("host", ["192.0.2.7", "2001:db8::7"])
def test_an_address_is_not_looked_up_and_is_no_server_name(host: str) -> None:
    """RFC 6066 section 3; its certificate must name the address."""
    made = external_cluster("c", host=host, port=443, tls=True, system_roots="roots.pem")
    context = made["transport_socket"]["typed_config"]
    assert made["type"] == "STATIC"
    assert "sni" not in context
    (san,) = context["common_tls_context"]["validation_context"]["match_typed_subject_alt_names"]
    assert san == {"san_type": "IP_ADDRESS", "matcher": {"exact": host}}


def test_tls_outside_is_verified() -> None:
    """By the system's authorities and by the host's name."""
    made = external_cluster("c", host="api.example.com", port=443, tls=True, system_roots="roots.pem")
    context = made["transport_socket"]["typed_config"]
    assert context["sni"] == "api.example.com"
    validation = context["common_tls_context"]["validation_context"]
    assert validation["trusted_ca"] == {"filename": "roots.pem"}
    assert validation["match_typed_subject_alt_names"][0]["matcher"] == {"exact": "api.example.com"}


def test_plain_http_outside_has_no_tls() -> None:
    made = external_cluster("c", host="api.example.com", port=80, tls=False, system_roots="roots.pem")
    assert "transport_socket" not in made


def test_a_service_without_endpoints_is_valid() -> None:
    """Its requests answer 503; Envoy does not wait."""
    assert load_assignment("c", []) == {"cluster_name": "c", "endpoints": []}


def test_a_service_connection_is_closed_before_its_backend_would() -> None:
    """uvicorn and Node close after 5 s."""
    (options,) = service_cluster("c", proof_secret="p")["typed_extension_protocol_options"].values()
    assert options["common_http_protocol_options"] == {"idle_timeout": "4s"}
