"""The operator's socket: one JSON object a line asks, one JSON object a line answers, then the connection ends.

Who can open the socket may mint tokens: it lies in a directory of mode 0700 and has mode 0600 itself, and the server
also asks the kernel who is there. The client side uses only the standard library, so that commands are fast.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any, Final

MAX_REQUEST_BYTES: Final = 1_000_000
MAX_ANSWER_BYTES: Final = 64_000_000
_TIMEOUT_S: Final = 60.0


class NotRunning(Exception):
    """No instance answers on this state directory: exit code 3."""


class OperationRefused(Exception):
    """The instance answered that it will not or cannot."""

    def __init__(self, text: str, *, exit_code: int) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def ask(path: Path, request: dict[str, Any], *, timeout_s: float = _TIMEOUT_S) -> Any:
    """One request to a running instance. Raises NotRunning, OperationRefused."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        try:
            connection.connect(str(path))
            connection.sendall(json.dumps(request).encode() + b"\n")
            answer = _read_line(connection)
        except (FileNotFoundError, ConnectionError) as reason:
            raise NotRunning(str(path)) from reason
        except OSError as reason:
            raise NotRunning(f"{path}: {reason}") from reason
    if not answer.get("ok"):
        raise OperationRefused(str(answer.get("error")), exit_code=int(answer.get("exit_code", 1)))
    return answer.get("result")


def _read_line(connection: socket.socket) -> dict[str, Any]:
    data = bytearray()
    while not data.endswith(b"\n"):
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError("the connection ended before the answer")
        data += chunk
        if len(data) > MAX_ANSWER_BYTES:
            raise ConnectionError("the answer is too long")
    answer: dict[str, Any] = json.loads(data)
    return answer
