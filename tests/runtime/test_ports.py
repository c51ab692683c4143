"""Ports are asked for before anything is started on them."""

from __future__ import annotations

import socket

from tidegate.runtime.ports import refusal, way_out


def test_a_free_port_is_not_refused() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert refusal("127.0.0.1", port) is None


def test_a_port_in_use_names_its_place_and_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = refusal("127.0.0.1", port)
    assert refused is not None
    assert refused.in_use
    assert refused.place == f"127.0.0.1:{port}"
    assert "--port-offset" in way_out(refused)


def test_a_listener_that_shares_its_port_counts_too() -> None:
    """Envoy listens with SO_REUSEPORT: a second one would get half of the requests."""
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert refusal("127.0.0.1", taken.getsockname()[1]) is not None


def test_an_address_of_another_machine_and_a_port_that_is_none() -> None:
    elsewhere = refusal("192.0.2.1", 8080)
    assert elsewhere is not None
    assert not elsewhere.in_use
    assert "--bind" in way_out(elsewhere)
    assert refusal("127.0.0.1", 70000) is not None
