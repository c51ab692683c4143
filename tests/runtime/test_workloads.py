"""What a replica is started with."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tidegate.diagnostics import Span
from tidegate.model import (
    Backend,
    BackendId,
    Endpoint,
    EnvironmentVariable,
    Gateway,
    Listener,
    ObjectName,
    Protocol,
    Workload,
    World,
)
from tidegate.runtime.port_plan import PortPlan
from tidegate.runtime.processes import ProcessSpec
from tidegate.runtime.replicas import ReplicaPlanner
from tidegate.runtime.workloads import Surroundings, process_of, replicas_of

SPAN = Span("a.yaml", 1, 1, 1, 2)
CART = Workload(
    name=ObjectName("shop", "cart"),
    command=("uvicorn", "cart:app", "--port", "$PORT", "--name", "x${PORT}y$PORTS"),
    directory="/srv/cart",
    replicas=2,
    environment=(EnvironmentVariable("MODE", "fast"), EnvironmentVariable("SECRET", "s3", secret=True)),
    services=(ObjectName("shop", "cart-api"),),
    span=SPAN,
)
STOCK = BackendId(ObjectName("shop", "stock"), 80)
WORLD = World(
    gateways=(
        Gateway(
            name=ObjectName("shop", "edge"),
            address="127.0.0.1",
            listeners=(
                Listener("https", 443, Protocol.HTTPS, None, (), (), SPAN),
                Listener("http", 80, Protocol.HTTP, None, (), (), SPAN),
            ),
            span=SPAN,
        ),
    ),
    backends={STOCK: Backend(STOCK, (Endpoint("10.0.0.9", 9000),), "stock.shop.svc")},
    workloads=(CART,),
)
AROUND = Surroundings(
    environment={
        "PATH": "/usr/bin",
        "HOME": "/home/me",
        "LC_ALL": "C",
        "AWS_SECRET_ACCESS_KEY": "never",
        "HTTPS_PROXY": "http://proxy",
        "PYTHONPATH": "/mine",
    },
    programs="/venv/bin",
    library="/bundled",
    authority="https://localhost:8444",
    ca_file="/state/ca.pem",
    state="/state/workloads",
    port_offset=8000,
)


def ports(world: World, around: Surroundings = AROUND) -> dict[str, int]:
    return {replica.name: 18000 + replica.index for replica in replicas_of(world, around)}


def spec_of(index: int, world: World = WORLD, around: Surroundings = AROUND) -> ProcessSpec:
    return process_of(replicas_of(world, around)[index], world, ports(world, around), around)


def environment(world: World = WORLD, around: Surroundings = AROUND) -> dict[str, str]:
    return dict(spec_of(1, world, around).environment)


def test_the_port_stands_in_words_and_environment() -> None:
    spec = spec_of(1)
    assert re.fullmatch(r"shop/cart-[0-9a-f]{5}-1", spec.name)
    assert spec.log_name == "shop/cart-1"
    assert spec.command == ("uvicorn", "cart:app", "--port", "18001", "--name", "x18001y$PORTS")
    assert spec.environment["PORT"] == "18001"
    assert spec.directory == "/srv/cart"


def test_only_what_a_program_needs_is_inherited() -> None:
    got = environment()
    assert got["HOME"] == "/home/me"
    assert got["LC_ALL"] == "C"
    assert "AWS_SECRET_ACCESS_KEY" not in got
    assert "HTTPS_PROXY" not in got


def test_programs_beside_tidegate_come_first_and_the_library_last() -> None:
    got = environment()
    assert got["PATH"] == "/venv/bin:/usr/bin"
    assert got["PYTHONPATH"] == "/mine:/bundled"
    assert environment(around=replace(AROUND, library=None))["PYTHONPATH"] == "/mine"


def test_services_and_gateways_are_found_by_kubernetes_names() -> None:
    got = environment()
    assert (got["CART_API_SERVICE_HOST"], got["CART_API_SERVICE_PORT"]) == ("127.0.0.1", "18000")
    assert (got["STOCK_SERVICE_HOST"], got["STOCK_SERVICE_PORT"]) == ("10.0.0.9", "9000")
    assert got["EDGE_GATEWAY_URL"] == "http://127.0.0.1:8080"


def test_services_of_other_namespaces_are_not_told() -> None:
    other = BackendId(ObjectName("bank", "vault"), 80)
    backends = {**WORLD.backends, other: Backend(other, (Endpoint("10.0.0.1", 1),), "vault.bank.svc")}
    assert not [name for name in environment(replace(WORLD, backends=backends)) if name.startswith("VAULT")]


def test_tidegates_own_variables() -> None:
    got = environment()
    assert got["TIDEGATE_AUTHORITY"] == "https://localhost:8444"
    assert got["TIDEGATE_CA_FILE"] == "/state/ca.pem"
    assert got["TIDEGATE_AUDIENCE"] == "cart-api.shop.svc"
    assert got["TIDEGATE_WORKLOAD_STATE"] == "/state/workloads/shop/cart"
    assert not [name for name in got if name in {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}]


def test_the_manifests_variables_win_but_for_the_port() -> None:
    given = (EnvironmentVariable("TIDEGATE_AUDIENCE", "mine"), EnvironmentVariable("PORT", "1"))
    got = environment(replace(WORLD, workloads=(replace(CART, environment=given),)))
    assert got["TIDEGATE_AUDIENCE"] == "mine"
    assert got["PORT"] == "18001"


def test_a_pods_name_ends_with_the_replicas_index() -> None:
    given = (EnvironmentVariable("POD_NAME", "cart-", per_replica=True),)
    world = replace(WORLD, workloads=(replace(CART, environment=given),))
    assert [spec_of(index, world).environment["POD_NAME"] for index in range(2)] == ["cart-0", "cart-1"]


def test_a_description_shows_no_secret() -> None:
    assert "s3" not in repr(spec_of(0))


def names(world: World) -> list[str]:
    return [replica.name for replica in replicas_of(world, AROUND)]


def test_a_service_that_moves_restarts_nobody() -> None:
    """As in a cluster: the variables are a start's snapshot."""
    moved = {STOCK: Backend(STOCK, (Endpoint("10.0.0.10", 9000),), "stock.shop.svc")}
    assert names(replace(WORLD, backends=moved)) == names(WORLD)


@pytest.mark.parametrize(
    "changed",
    [
        replace(CART, command=("other",)),
        replace(CART, directory="/elsewhere"),
        replace(CART, environment=(EnvironmentVariable("MODE", "slow"),)),
    ],
)
def test_a_changed_deployment_has_replicas_of_other_names(changed: Workload) -> None:
    assert not set(names(replace(WORLD, workloads=(changed,)))) & set(names(WORLD))


@pytest.fixture
def planner(tmp_path: Path) -> ReplicaPlanner:
    around = replace(AROUND, state=str(tmp_path / "workloads"))
    return ReplicaPlanner(PortPlan(tmp_path / "ports.json", seed=0), around)


NOBODY: frozenset[str] = frozenset()


def test_a_plan_stays_equal_while_nothing_relevant_changes(planner: ReplicaPlanner, tmp_path: Path) -> None:
    first = planner.plan(WORLD, running=NOBODY, ready=NOBODY)
    assert [replica.index for replica in first.replicas] == [0, 1]
    assert (tmp_path / "workloads" / "shop" / "cart").is_dir()
    moved = {STOCK: Backend(STOCK, (Endpoint("10.0.0.10", 9000),), "stock.shop.svc")}
    assert planner.plan(replace(WORLD, backends=moved), running=frozenset(first.ports), ready=NOBODY) == first


def test_old_replicas_stay_until_all_new_ones_are_ready(planner: ReplicaPlanner) -> None:
    old = planner.plan(WORLD, running=NOBODY, ready=NOBODY)
    changed = replace(WORLD, workloads=(replace(CART, command=("other",)),))
    both = planner.plan(changed, running=frozenset(old.ports), ready=frozenset(old.ports))
    assert len(both.processes) == 4
    assert {name: both.ports[name] for name in old.ports} == old.ports
    new = [replica.name for replica in both.replicas if replica.name not in old.ports]
    half = planner.plan(changed, running=frozenset(both.ports), ready=frozenset({*old.ports, new[0]}))
    assert len(half.processes) == 4
    done = planner.plan(changed, running=frozenset(both.ports), ready=frozenset(both.ports))
    assert [spec.name for spec in done.processes] == new
    assert {name: done.ports[name] for name in new} == {name: both.ports[name] for name in new}


def test_fewer_replicas_and_no_workload_end_at_once(planner: ReplicaPlanner) -> None:
    first = planner.plan(WORLD, running=NOBODY, ready=NOBODY)
    one = planner.plan(
        replace(WORLD, workloads=(replace(CART, replicas=1),)),
        running=frozenset(first.ports),
        ready=frozenset(first.ports),
    )
    assert len(one.processes) == 1
    assert planner.plan(replace(WORLD, workloads=()), running=NOBODY, ready=NOBODY).processes == ()
