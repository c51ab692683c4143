"""Talking to a running instance, for the commands that need one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from tidegate.cli.failure import Failure
from tidegate.clock import SystemClock
from tidegate.runtime.operator_protocol import NotRunning, OperationRefused, ask
from tidegate.runtime.state_directory import StateDirectory

ENVIRONMENT_FAILED: Final = 3
PATIENCE_S: Final = 10.0
_PAUSE_S: Final = 0.05


def ask_instance(state: str, request: dict[str, Any]) -> Any:
    """The running instance's answer. Raises Failure with the right exit code.

    An instance whose lock is held but whose socket is silent is starting, or its control process is restarting: a few
    seconds of patience.
    """
    directory = StateDirectory(Path(state))
    clock = SystemClock()
    deadline = clock.monotonic() + PATIENCE_S
    try:
        while True:
            try:
                return ask(directory.operator_socket, request)
            except NotRunning:
                if directory.holder() is None:
                    raise
                if clock.monotonic() > deadline:
                    text = f"the tidegate on {directory.path} (pid {directory.holder()}) does not answer"
                    raise Failure(f"{text}; its logs are in {directory.logs}", exit_code=ENVIRONMENT_FAILED) from None
                time.sleep(_PAUSE_S)
    except NotRunning:
        text = f"no tidegate runs on the state directory {directory.path}; start it with `tidegate up`, or name another"
        raise Failure(f"{text} with --state", exit_code=ENVIRONMENT_FAILED) from None
    except PermissionError:
        raise Failure(f"{directory.path} is another user's", exit_code=ENVIRONMENT_FAILED) from None
    except OperationRefused as refused:
        raise Failure(str(refused), exit_code=refused.exit_code) from None
