"""Listeners and filter chains; the goldens in testdata/compilers/listeners show them whole."""

from __future__ import annotations

from tidegate.envoy.listeners import listener, plain_filter_chain, tls_filter_chain


def test_tls_is_1_2_or_newer_and_offers_http_2() -> None:
    chain = tls_filter_chain("a.example.com", {}, certificates=["one", "two"])
    context = chain["transport_socket"]["typed_config"]["common_tls_context"]
    assert context["tls_params"] == {"tls_minimum_protocol_version": "TLSv1_2"}
    assert context["alpn_protocols"] == ["h2", "http/1.1"]
    assert [one["name"] for one in context["tls_certificate_sds_secret_configs"]] == ["one", "two"]


def test_a_chain_without_hostname_takes_what_no_other_chain_does() -> None:
    assert tls_filter_chain(None, {}, certificates=["one"])["filter_chain_match"] == {"transport_protocol": "tls"}


def test_bytes_are_inspected_only_where_there_is_tls() -> None:
    """A plain port must not wait for a client that speaks second."""
    plain = listener("l", address="127.0.0.1", port=1, filter_chains=[], inspect_tls=False)
    assert "listener_filters" not in plain
    assert "filter_chain_match" not in plain_filter_chain({}, beside_tls=False)
    mixed = listener("l", address="127.0.0.1", port=1, filter_chains=[], inspect_tls=True)
    assert len(mixed["listener_filters"]) == 1
