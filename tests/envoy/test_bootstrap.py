"""Envoy takes the bootstrap as it is, without a warning."""

from __future__ import annotations

import pytest

from real_envoy import refusal
from tidegate.envoy import AdminPort, AdminSocket, bootstrap


@pytest.mark.e2e
@pytest.mark.parametrize("admin", [AdminSocket("admin.sock"), AdminPort("127.0.0.1", 0)])
def test_envoy_accepts_the_bootstrap_without_a_warning(admin: AdminSocket | AdminPort) -> None:
    """Nothing deprecated, nothing that it would rather have otherwise."""
    assert refusal(bootstrap("edge-1", "ads.sock", admin)) == ""


def test_everything_but_the_control_plane_comes_by_ads() -> None:
    """The bootstrap is the same for every input."""
    made = bootstrap("edge-1", "ads.sock", AdminSocket("admin.sock"))
    assert made["node"] == {"id": "edge-1", "cluster": "tidegate"}
    assert [cluster["name"] for cluster in made["static_resources"]["clusters"]] == ["tidegate-control"]
    assert "listeners" not in made["static_resources"]


def test_the_admin_socket_is_for_its_owner_only() -> None:
    """Whoever reaches it can stop the gateway."""
    made = bootstrap("edge-1", "ads.sock", AdminSocket("admin.sock"))
    assert made["admin"]["address"] == {"pipe": {"path": "admin.sock", "mode": 0o600}}
