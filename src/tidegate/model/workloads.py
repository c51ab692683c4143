"""Local processes: Deployments with `tidegate.dev/run`."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.diagnostics import Span
from tidegate.model.names import ObjectName


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    name: str
    value: str
    secret: bool = False
    """From a Secret: never shown."""
    per_replica: bool = False
    """The replica's index follows the value: the name of a pod."""

    def __repr__(self) -> str:
        return f"EnvironmentVariable({self.name}={'...' if self.secret else self.value!r})"


@dataclass(frozen=True, slots=True)
class Workload:
    """How to run the replicas of one Deployment."""

    name: ObjectName
    command: tuple[str, ...]
    """Words; `$PORT` and `${PORT}` inside a word stand for the replica's port. Never given to a shell."""
    directory: str
    """Working directory; relative ones are resolved against the manifest's folder by the reader."""
    replicas: int
    environment: tuple[EnvironmentVariable, ...]
    services: tuple[ObjectName, ...]
    """Services whose selector matches the pod template: their endpoints follow the replicas."""
    span: Span
