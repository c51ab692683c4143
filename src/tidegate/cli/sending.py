"""One request through a running instance, and what its policies did: `tidegate explain METHOD URL --send`."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tidegate.cli.failure import Failure
from tidegate.cli.instance import ask_instance
from tidegate.runtime.traces import HEADER, read_token

ENVIRONMENT_FAILED: Final = 3
_PATIENCE_S: Final = 60.0
_MAX_BODY_BYTES: Final = 1 << 20


def send(state: str, *, method: str, url: str, headers: Mapping[str, str], body: str | None) -> dict[str, Any]:
    """The answer and the trace, as `text` and `json`."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    try:
        connection.request(method, target, body=body, headers={**headers, HEADER: _token(state)})
        answer = connection.getresponse()
        content = answer.read(_MAX_BODY_BYTES)
    except (OSError, http.client.HTTPException, ValueError) as reason:
        raise Failure(f"{parts.netloc} gave no answer: {reason}", exit_code=ENVIRONMENT_FAILED) from reason
    finally:
        connection.close()
    id_ = answer.getheader(HEADER)
    lines = [f"HTTP {answer.status}", *(f"{name}: {value}" for name, value in answer.getheaders() if name != HEADER)]
    text = "\n".join((*lines, "", content.decode("utf-8", "replace"), ""))
    told: dict[str, Any] = {"status": answer.status, "headers": answer.getheaders()}
    if id_ is None:
        return {"text": f"{text}\nno policy ran: `tidegate explain {method} {url}` shows the route\n", "json": told}
    trace = ask_instance(state, {"command": "trace", "id": id_})
    return {"text": f"{text}\n{trace['text']}\n", "json": {**told, "trace": trace["json"]}}


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=_PATIENCE_S)
    # The local authority is no browser's: whose certificate the gateway has is not what is asked here.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=_PATIENCE_S, context=context)


def _token(state: str) -> str:
    """The trace token of an instance here; any value does from this machine."""
    return read_token(Path(state, "trace-token")) or "1"
