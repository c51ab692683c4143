"""What policies come to."""

from __future__ import annotations

from tidegate.manifests.alb import BackendSettings, FrontendTls


def test_closed_is_told_why() -> None:
    """There is no closing without a reason."""
    assert not BackendSettings().closed
    assert BackendSettings(why_closed="no authority").closed
    assert not FrontendTls().closed
    assert FrontendTls(why_closed="no authority").closed
