"""HTTP over a Unix socket: how control talks to the token service beside it."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

MAX_BODY_BYTES: Final = 4_000_000


class ServiceUnreachable(Exception):
    """Nobody answers on the socket, or not in HTTP, or not in time."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON. Raises ServiceUnreachable when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as reason:
            raise ServiceUnreachable(f"the answer is no JSON: {reason}") from reason


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, *, host: str, timeout_s: float) -> None:
        super().__init__(host, timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def request(
    path: Path,
    method: str,
    target: str,
    *,
    host: str,
    body: object = None,
    timeout_s: float = 10.0,
) -> Answer:
    """One request; blocks, so call it in a thread. `body` is sent as JSON. Raises ServiceUnreachable."""
    connection = _UnixConnection(path, host=host, timeout_s=timeout_s)
    try:
        headers = {"Accept": "application/json", "Connection": "close"}
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        connection.request(method, target, body=data, headers=headers)
        answer = connection.getresponse()
        content = answer.read(MAX_BODY_BYTES + 1)
        # http.client says nothing when a body that is read in part ends early; `length` is what is still missing.
        cut = bool(answer.length) and len(content) <= MAX_BODY_BYTES
    except (OSError, http.client.HTTPException) as reason:
        raise ServiceUnreachable(f"{path.name}: {reason or type(reason).__name__}") from reason
    finally:
        connection.close()
    if cut:
        raise ServiceUnreachable(f"{path.name}: the answer ended early")
    if len(content) > MAX_BODY_BYTES:
        raise ServiceUnreachable(f"{path.name}: the answer is larger than {MAX_BODY_BYTES} bytes")
    return Answer(answer.status, content)
