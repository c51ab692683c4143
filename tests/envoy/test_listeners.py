"""Listeners and filter chains; the goldens in testdata/compilers/listeners show them whole."""

from __future__ import annotations

from tidegate.envoy.listeners import EVERY_NAME, listener, plain_filter_chain, tls_filter_chain


def test_what_is_not_terminated_has_no_handshake() -> None:
    """TLS passthrough: the backend does it."""
    chain = tls_filter_chain("c", "a.example.com", {}, transport_socket=None)
    assert "transport_socket" not in chain
    assert "transport_socket_connect_timeout" not in chain


def test_a_chain_without_hostname_takes_what_no_other_chain_does() -> None:
    chain = tls_filter_chain("c", EVERY_NAME, {}, transport_socket={})
    assert chain["filter_chain_match"] == {"transport_protocol": "tls"}


def test_bytes_are_inspected_only_where_there_is_tls() -> None:
    """A plain port must not wait for a client that speaks second."""
    plain = listener("l", address="127.0.0.1", port=1, filter_chains=[], inspect_tls=False)
    assert "listener_filters" not in plain
    assert "filter_chain_match" not in plain_filter_chain("http", {}, beside_tls=False)
    mixed = listener("l", address="127.0.0.1", port=1, filter_chains=[], inspect_tls=True)
    assert len(mixed["listener_filters"]) == 1
