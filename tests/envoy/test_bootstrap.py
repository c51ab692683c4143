"""Envoy takes the bootstrap as it is, without a warning."""

from __future__ import annotations

import pytest

from live_edge import edge
from real_envoy import get, refusal
from tidegate.envoy import AdminPort, AdminSocket, bootstrap
from worlds import backend, forward, http, route


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


@pytest.mark.e2e
async def test_a_service_costs_five_series_and_a_route_none() -> None:
    """What is counted stays near the number of Services, however many hosts, routes and endpoints there are."""

    async def series(count: int) -> list[str]:
        services = tuple(backend(f"s{number}", *range(1, 11)) for number in range(count))
        routes = tuple(
            route(f"r{one.id.service.name}{host}", forward(one), hosts=(f"{host}.{one.id.service.name}.test",))
            for one in services
            for host in range(3)
        )
        async with edge(http(*routes), backends=services) as here:
            for one in services:
                assert (await get(here.port, "/", host=f"0.{one.id.service.name}.test")).status == 503
            return (await here.envoy.admin("/stats")).splitlines()

    few, many = await series(1), await series(11)
    assert len(many) - len(few) == 10 * 5, sorted(set(many) - set(few))
