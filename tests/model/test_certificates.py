"""Certificates with their keys."""

from __future__ import annotations

from tidegate.model import Certificate, ObjectName


def test_no_key_is_shown() -> None:
    """Whatever prints a world, a log or an assertion that failed: never a private key."""
    certificate = Certificate(ObjectName("shop", "tls"), "chain", "secret key")
    assert "secret key" not in repr(certificate)
    assert "shop/tls" in repr(certificate)
