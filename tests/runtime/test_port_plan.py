"""Replicas keep their ports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.runtime.port_plan import FIRST_PORT, LAST_PORT, NoFreePort, PortPlan

NOBODY: frozenset[str] = frozenset()


def test_every_replica_has_a_port_of_its_own(tmp_path: Path) -> None:
    plan = PortPlan(tmp_path / "ports.json", seed=7, is_free=lambda _port: True)
    ports = plan.assign(("a", "b", "c"), running=NOBODY)
    assert len(set(ports.values())) == 3
    assert all(FIRST_PORT <= port <= LAST_PORT for port in ports.values())


def test_a_new_process_finds_the_ports_of_the_old_one(tmp_path: Path) -> None:
    first = PortPlan(tmp_path / "ports.json", seed=7, is_free=lambda _port: True).assign(("a", "b"), running=NOBODY)
    again = PortPlan(tmp_path / "ports.json", seed=9, is_free=lambda _port: False)
    assert again.assign(("a", "b"), running=frozenset({"a", "b"})) == first


def test_a_port_that_somebody_took_meanwhile_is_not_used(tmp_path: Path) -> None:
    first = PortPlan(tmp_path / "ports.json", seed=7, is_free=lambda _port: True).assign(("a",), running=NOBODY)
    again = PortPlan(tmp_path / "ports.json", seed=7, is_free=lambda port: port != first["a"])
    assert again.assign(("a",), running=NOBODY)["a"] != first["a"]


def test_growing_moves_nobody_and_shrinking_forgets(tmp_path: Path) -> None:
    plan = PortPlan(tmp_path / "ports.json", seed=7, is_free=lambda _port: True)
    two = plan.assign(("a", "b"), running=NOBODY)
    three = plan.assign(("a", "b", "c"), running=frozenset({"a", "b"}))
    assert {name: three[name] for name in two} == two
    assert set(plan.assign(("b",), running=frozenset({"b"}))) == {"b"}


@pytest.mark.parametrize("content", ["", "[", "[]", '{"a": "x"}', '{"a": 22}', '{"a": 70000}'])
def test_a_damaged_plan_is_no_plan(tmp_path: Path, content: str) -> None:
    (tmp_path / "ports.json").write_text(content)
    plan = PortPlan(tmp_path / "ports.json", seed=0, is_free=lambda _port: True)
    assert plan.assign(("a",), running=NOBODY)["a"] >= FIRST_PORT


def test_no_free_port_is_an_error_not_a_loop(tmp_path: Path) -> None:
    with pytest.raises(NoFreePort, match=str(FIRST_PORT)):
        PortPlan(tmp_path / "ports.json", seed=0, is_free=lambda _port: False).assign(("a",), running=NOBODY)
