"""TLS contexts; tests/compilers/test_tls.py shows what they do."""

from __future__ import annotations

import re

import pytest

from tidegate.envoy.tls import PeerValidation, TlsParameters, dns_wildcard, downstream_tls, upstream_tls


def test_a_version_that_does_not_exist_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="does not exist"):
        TlsParameters(minimum_version="2.0").to_json()


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("a.example.com", True),
        ("A.Example.COM", True),
        ("*.example.com", True),
        ("a.b.example.com", False),
        ("example.com", False),
        (".example.com", False),
        ("axexample.com", False),
        ("a.example.com.evil.test", False),
    ],
)
def test_a_wildcard_stands_for_one_label(name: str, fits: bool) -> None:
    """RFC 6125 section 6.4.3."""
    pattern = dns_wildcard("*.example.com")["matcher"]["safe_regex"]["regex"]
    assert bool(re.fullmatch(pattern, name)) is fits


def test_whether_clients_must_show_a_certificate_is_always_said() -> None:
    """Envoy's default where authorities are given is deprecated."""
    for untrusted, required in ((False, True), (True, False)):
        client = PeerValidation(secret="s", accept_untrusted=untrusted)
        made = downstream_tls(certificates=["c"], parameters=TlsParameters(), alpn=[], client=client)
        assert made["typed_config"]["require_client_certificate"] is required
    plain = downstream_tls(certificates=["c"], parameters=TlsParameters(), alpn=[])
    assert "require_client_certificate" not in plain["typed_config"]


def test_backends_may_speak_1_3_and_nothing_before_1_2() -> None:
    """Whatever Envoy's defaults are."""
    made = upstream_tls(server_name="a", server=PeerValidation(file="roots.pem"))
    assert made["typed_config"]["common_tls_context"]["tls_params"] == {
        "tls_minimum_protocol_version": "TLSv1_2",
        "tls_maximum_protocol_version": "TLSv1_3",
    }
