"""What the supervisor is told to run: Envoy, what it leans on, and the replicas with their comings and goings."""

from __future__ import annotations

from tidegate.model import World
from tidegate.pipeline import Observed
from tidegate.runtime.channel import Channel
from tidegate.runtime.processes import ProcessSpec
from tidegate.runtime.readiness import Readiness
from tidegate.runtime.replicas import ReplicaPlanner


class ProcessPlan:
    """Whoever should end goes on until Envoy does not send to it any more."""

    def __init__(
        self,
        channel: Channel,
        *,
        envoy: ProcessSpec,
        planner: ReplicaPlanner,
        run: bool,
        beside: tuple[ProcessSpec, ...] = (),
    ) -> None:
        self._channel = channel
        self._own = (*beside, envoy)
        self._planner = planner
        self._run = run
        self._sent: dict[str, ProcessSpec] = {}
        """Replicas' processes as the supervisor knows them."""
        self._leaving: frozenset[str] = frozenset()

    def follow(self, world: World, readiness: Readiness) -> None:
        """Tell what a world wants. Raises NoFreePort."""
        if self._run:
            plan = self._planner.plan(world, running=readiness.running, ready=readiness.ready)
            readiness.expect(plan.replicas, plan.ports)
            wanted = {spec.name: spec for spec in plan.processes}
            self._leaving = frozenset(self._sent.keys() - wanted.keys())
            self._sent |= wanted
        self._send()

    def let_go(self, readiness: Readiness, *, observed: Observed | None, programmed: bool) -> None:
        """End replicas that Envoy does not know any more: it has applied what was compiled without them."""
        if not self._leaving or not programmed or observed is None:
            return
        if observed.replicas == readiness.endpoints:
            self._sent = {name: spec for name, spec in self._sent.items() if name not in self._leaving}
            self._leaving = frozenset()
            self._send()

    def _send(self) -> None:
        specs = [*self._own, *self._sent.values()]
        self._channel.send({"type": "processes", "processes": [spec.to_json() for spec in specs]})
