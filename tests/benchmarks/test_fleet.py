"""The manifests of many routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from benchmarks.fleet import Fleet
from compiling import compiled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("by_host", [True, False])
def test_every_route_is_its_own(tmp_path: Path, by_host: bool) -> None:
    """One file a route, a Service for every ten; each route answers at a place of its own, without a finding."""
    fleet = Fleet(tmp_path, 21, 4711, by_host)
    fleet.write()
    files = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in sorted(tmp_path.rglob("*.yaml"))}
    assert len(files) == 23
    assert files["services.yaml"].count("kind: Service\n") == 3
    assert len({(fleet.host(number), fleet.path(number)) for number in range(21)}) == 21
    compilation = compiled(files)
    assert compilation.diagnostics == ()
    assert sum(len(listener.routes) for gateway in compilation.world.gateways for listener in gateway.listeners) == 21


def test_an_edit_changes_one_file(tmp_path: Path) -> None:
    """What the route answers with and its Service; nothing half-written stays."""
    fleet = Fleet(tmp_path, 21, 4711, by_host=True)
    fleet.write()
    before = {path: path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    fleet.write_route(7, edit=3)
    changed = [path.name for path in tmp_path.rglob("*") if path.is_file() and before.get(path) != path.read_text()]
    assert changed == ["route-0007.yaml"]
    rule = yaml.safe_load((tmp_path / "routes" / "route-0007.yaml").read_text())["spec"]["rules"][0]
    assert rule["backendRefs"][0]["name"] == "service-0000"
    assert rule["filters"][0]["responseHeaderModifier"]["set"] == [{"name": "x-edit", "value": "3"}]


def test_some_routes_may_come_later(tmp_path: Path) -> None:
    """Services are all there from the beginning."""
    fleet = Fleet(tmp_path, 30, 4711, by_host=True)
    fleet.write(present=4, https=True)
    assert len(list((tmp_path / "routes").iterdir())) == 4
    assert "protocol: HTTPS" in (tmp_path / "gateway.yaml").read_text()
