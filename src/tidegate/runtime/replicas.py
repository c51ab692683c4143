"""From workloads to processes, make before break: a changed Deployment's old replicas serve until the new ones do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.model import World
from tidegate.runtime.port_plan import PortPlan
from tidegate.runtime.processes import ProcessSpec
from tidegate.runtime.workloads import Replica, Surroundings, process_of, replicas_of, workload_state


@dataclass(frozen=True, slots=True)
class Plan:
    """What should run now."""

    replicas: tuple[Replica, ...]
    """Those that may serve, of the old generation too while the new one is not ready."""
    ports: Mapping[str, int]
    processes: tuple[ProcessSpec, ...]
    """One for each of `replicas`."""


class ReplicaPlanner:
    """Remembers what it planned last; equal needs give equal descriptions, so that nothing is restarted in vain."""

    def __init__(self, ports: PortPlan, around: Surroundings) -> None:
        self._ports = ports
        self._around = around
        self._last: dict[str, tuple[Replica, ProcessSpec]] = {}

    def plan(self, world: World, *, running: frozenset[str], ready: frozenset[str]) -> Plan:
        """`running` and `ready` are names of replicas' processes. Creates the workloads' directories."""
        wanted = {replica.name: replica for replica in replicas_of(world, self._around)}
        behind = {replica.workload.name for name, replica in wanted.items() if name not in ready}
        old = {
            name: replica
            for name, (replica, _) in self._last.items()
            if name not in wanted and replica.workload.name in behind
        }
        replicas = {**wanted, **old}
        ports = self._ports.assign(tuple(replicas), running=running)
        specs: dict[str, ProcessSpec] = {}
        for name, replica in replicas.items():
            workload_state(self._around, replica.workload).mkdir(mode=0o700, parents=True, exist_ok=True)
            last = self._last.get(name)
            specs[name] = process_of(replica, world, ports, self._around) if last is None else last[1]
        self._last = {name: (replica, specs[name]) for name, replica in replicas.items()}
        return Plan(tuple(replicas.values()), ports, tuple(specs.values()))
