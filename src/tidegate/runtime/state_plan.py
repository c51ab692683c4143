"""How the state process is started, where limits are shared."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from tidegate.runtime.options import UpOptions
from tidegate.runtime.processes import STATE, ProcessSpec
from tidegate.runtime.state_directory import StateDirectory

ADDRESS_VARIABLE = "TIDEGATE_VALKEY"
"""Valkey's address comes by the environment: it may hold a password, and command lines are for all to see."""


def state_processes(
    options: UpOptions, *, state: StateDirectory, environment: Mapping[str, str]
) -> tuple[ProcessSpec, ...]:
    """The state process, if Valkey was asked for."""
    if not options.valkey:
        return ()
    words = ("--shared-memory", str(state.shared_memory), "--socket", str(state.state_socket))
    refuses = ("--refuse-when-away",) if options.refuse_without_valkey else ()
    return (
        ProcessSpec(
            name=STATE,
            command=(sys.executable, "-P", "-m", "tidegate.runtime.state_process", *words, *refuses),
            environment={**environment, ADDRESS_VARIABLE: options.valkey},
            directory=str(state.path),
            phase="identity",
            critical=True,
        ),
    )
