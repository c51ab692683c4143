"""From options to a running supervisor: what must hold before the first process is started."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tidegate.clock import Clock
from tidegate.runtime.guardian import start_guardian
from tidegate.runtime.options import UpOptions
from tidegate.runtime.ports import refusal, way_out
from tidegate.runtime.processes import CONTROL, IDENTITY, ProcessSpec
from tidegate.runtime.state_directory import StateDirectory, StateUnusable
from tidegate.runtime.supervisor import ENVIRONMENT_FAILED, Supervisor
from tidegate.runtime.terminal import Terminal

_PYTHON: Final = (sys.executable, "-P", "-m")
"""-P: a file named like one of our imports, in whatever directory this runs, is not imported."""


def run_up(options: UpOptions, *, environment: Mapping[str, str], clock: Clock, began: float) -> int:
    """Run everything until told to stop; the exit code. `began` is when the command started, monotonic seconds."""
    terminal = Terminal(json_lines=options.log_format == "json", color=options.color, clock=clock)
    state = StateDirectory(Path(options.state))
    try:
        state.acquire()
    except StateUnusable as reason:
        terminal.fatal(str(reason), exit_code=ENVIRONMENT_FAILED)
        return ENVIRONMENT_FAILED
    try:
        return _run_locked(options, state=state, environment=environment, terminal=terminal, clock=clock, began=began)
    finally:
        state.release()


def _run_locked(
    options: UpOptions,
    *,
    state: StateDirectory,
    environment: Mapping[str, str],
    terminal: Terminal,
    clock: Clock,
    began: float,
) -> int:
    refused = refusal(options.bind, options.identity_port)
    if refused is not None:
        text = f"the token service cannot listen on {refused.place}: {refused.reason}; {way_out(refused)}"
        terminal.fatal(text, exit_code=ENVIRONMENT_FAILED)
        return ENVIRONMENT_FAILED
    if options.ready_file is not None:
        # One from an earlier run would tell that this one serves.
        try:
            Path(options.ready_file).unlink(missing_ok=True)
        except OSError as reason:
            text = f"the ready file {options.ready_file} cannot be replaced: {reason.strerror or reason}"
            terminal.fatal(text, exit_code=ENVIRONMENT_FAILED)
            return ENVIRONMENT_FAILED
    guardian = start_guardian()
    try:
        supervisor = Supervisor(
            options,
            own=own_processes(options, state=state, environment=environment),
            state=state,
            guardian=guardian,
            terminal=terminal,
            clock=clock,
            began=began,
        )
        return asyncio.run(supervisor.run())
    finally:
        guardian.close()


def own_processes(
    options: UpOptions, *, state: StateDirectory, environment: Mapping[str, str]
) -> tuple[ProcessSpec, ...]:
    """Control and identity; both run from the start to the end, in the user's own environment."""
    identity = (
        *_PYTHON,
        "tidegate.runtime.identity_process",
        *("--state", str(state.path), "--socket", str(state.identity_socket)),
        *("--bind", options.bind, "--port", str(options.identity_port), "--authority", options.authority),
    )
    return (
        ProcessSpec(
            name=CONTROL,
            command=(*_PYTHON, "tidegate.runtime.control"),
            environment=environment,
            directory=options.working_directory,
            phase="control",
            critical=True,
        ),
        ProcessSpec(
            name=IDENTITY,
            command=identity,
            environment=environment,
            directory=str(state.path),
            phase="identity",
            critical=True,
        ),
    )
