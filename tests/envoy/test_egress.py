"""Egress: what may be allowed."""

from __future__ import annotations

import pytest

from tidegate.envoy.egress import egress_rules


def test_hosts_addresses_and_ranges() -> None:
    rules = egress_rules(["Localhost", "127.0.0.1", "10.1.2.3/8", "[::1]", "a.example.com", "localhost"])
    assert rules.hosts == ("a.example.com", "localhost")
    assert rules.networks == ("10.0.0.0/8", "127.0.0.1/32", "::1/128")


@pytest.mark.parametrize(
    "text", ["", "*", "a b", "1.2.3", "127.0.0.999", "http://x", "x:80", "a..b", "-a", "10.0.0.0/33"]
)
def test_what_is_none_of_them(text: str) -> None:
    with pytest.raises(ValueError, match="no host, address or CIDR range"):
        egress_rules([text])
