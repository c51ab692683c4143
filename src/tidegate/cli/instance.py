"""Talking to a running instance, for the commands that need one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tidegate.cli.failure import Failure
from tidegate.runtime.operator_protocol import NotRunning, OperationRefused, ask
from tidegate.runtime.state_directory import StateDirectory

ENVIRONMENT_FAILED: Final = 3


def ask_instance(state: str, request: dict[str, Any]) -> Any:
    """The running instance's answer. Raises Failure with the right exit code."""
    directory = StateDirectory(Path(state))
    try:
        return ask(directory.operator_socket, request)
    except NotRunning:
        text = f"no tidegate runs on the state directory {directory.path}; start it with `tidegate up`, or name another"
        raise Failure(f"{text} with --state", exit_code=ENVIRONMENT_FAILED) from None
    except PermissionError:
        raise Failure(f"{directory.path} is another user's", exit_code=ENVIRONMENT_FAILED) from None
    except OperationRefused as refused:
        raise Failure(str(refused), exit_code=refused.exit_code) from None
