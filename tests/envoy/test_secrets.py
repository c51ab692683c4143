"""Secrets in Envoy's shape."""

from __future__ import annotations

from tidegate.envoy import SECRET, certificate_secret, generic_secret
from tidegate.envoy.convert import to_any


def test_both_kinds_are_envoys() -> None:
    """A certificate with its key, and a value."""
    assert to_any(SECRET, certificate_secret("certificate/a/b", chain_pem="chain", key_pem="key")).value
    assert to_any(SECRET, generic_secret("proof/a", "Bearer x")).value
