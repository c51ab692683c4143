"""From workloads to processes: ports, directories, descriptions that stay equal while nothing relevant changes."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.model import World
from tidegate.runtime.port_plan import PortPlan
from tidegate.runtime.processes import ProcessSpec
from tidegate.runtime.workloads import (
    Replica,
    Surroundings,
    process_of,
    replicas_of,
    same_but_for_services,
    workload_state,
)


class ReplicaPlanner:
    """Remembers what it planned last."""

    def __init__(self, ports: PortPlan, around: Surroundings) -> None:
        self._ports = ports
        self._around = around
        self._last: dict[str, ProcessSpec] = {}

    def plan(
        self, world: World, *, running: frozenset[str]
    ) -> tuple[tuple[Replica, ...], Mapping[str, int], tuple[ProcessSpec, ...]]:
        """Every replica with its port and its process. Creates the workloads' directories."""
        replicas = replicas_of(world.workloads)
        ports = self._ports.assign(tuple(replica.name for replica in replicas), running=running)
        specs: dict[str, ProcessSpec] = {}
        for replica in replicas:
            workload_state(self._around, replica.workload).mkdir(mode=0o700, parents=True, exist_ok=True)
            spec = process_of(replica, world, ports, self._around)
            last = self._last.get(replica.name)
            specs[replica.name] = last if last is not None and same_but_for_services(last, other=spec) else spec
        self._last = specs
        return replicas, ports, tuple(specs.values())
