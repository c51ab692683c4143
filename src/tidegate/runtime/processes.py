"""What should run: the description of one supervised process, as it crosses the channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

CONTROL: Final = "control"
IDENTITY: Final = "identity"
ENVOY: Final = "envoy"
STATE: Final = "state"

STOP_PHASES: Final = ("envoy", "workload", "identity", "control")
"""In this order they are stopped: first no new requests, then those who answer them, last what they lean on."""


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process. Equal descriptions mean: leave the running one alone."""

    name: str
    command: tuple[str, ...]
    """Words; the first is found by the PATH of `environment`."""
    environment: Mapping[str, str]
    """All of it: nothing is inherited."""
    directory: str
    phase: str = "workload"
    """One of STOP_PHASES."""
    critical: bool = False
    """If it cannot be started at first, everything ends with exit code 3."""
    grace_s: float = 5.0
    """From SIGTERM to SIGKILL."""
    admin_socket: str | None = None
    """Envoy's admin interface: it is drained through it before SIGTERM."""
    shared_memory: str | None = None
    """Counters whose locks are freed before each start: a killed Envoy may have held one."""
    shows_stdout: bool = False
    """Lines on standard output are for the user (requests), not only for the log."""
    log_name: str = ""
    """Of its log file, where that is not `name`."""

    def __post_init__(self) -> None:
        if not self.command:
            raise ValueError(f"process {self.name!r} has no command")
        if self.phase not in STOP_PHASES:
            raise ValueError(f"phase {self.phase!r} is unknown; must be one of {', '.join(STOP_PHASES)}")

    def __repr__(self) -> str:
        # The environment may hold secrets, and so may a command.
        return f"ProcessSpec({self.name!r}, {self.command[0]!r}, ...)"

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "command": list(self.command),
            "environment": dict(self.environment),
            "directory": self.directory,
            "phase": self.phase,
            "critical": self.critical,
            "grace_s": self.grace_s,
            "admin_socket": self.admin_socket,
            "shared_memory": self.shared_memory,
            "shows_stdout": self.shows_stdout,
            "log_name": self.log_name,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ProcessSpec:
        return cls(**{**data, "command": tuple(data["command"])})


@dataclass(frozen=True, slots=True)
class ProcessReport:
    """What the supervisor tells about one process."""

    name: str
    state: str
    pid: int | None
    restarts: int
    exit_status: str | None = None
    """How it ended last: `exit code 1`, `signal SIGKILL`."""
    last_lines: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return {
            "type": "process",
            "name": self.name,
            "state": self.state,
            "pid": self.pid,
            "restarts": self.restarts,
            "exit_status": self.exit_status,
            "last_lines": list(self.last_lines),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ProcessReport:
        fields = {key: value for key, value in data.items() if key != "type"}
        return cls(**{**fields, "last_lines": tuple(data["last_lines"])})
