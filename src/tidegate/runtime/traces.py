"""Where the runtime writes what traced requests met, and the token that opens traces to clients elsewhere."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Final

from tidegate.files import write_private_file

HEADER: Final = "tidegate-trace"
"""Of a request: any value from this machine, the token from elsewhere. Of its answer: the trace's id."""
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9]{1,4}")
_MAX_BYTES: Final = 16 << 20


def prepare_traces(folder: Path, token: Path) -> None:
    """An empty folder and a token, before Envoy starts."""
    folder.mkdir(mode=0o700, exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    if not token.exists():
        write_private_file(token, secrets.token_urlsafe(32).encode() + b"\n")


def read_token(file: Path) -> str:
    """The token; "" where there is none, which opens nothing."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def trace_text(folder: Path, id_: str) -> str | None:
    """The trace with an id; None if there is none."""
    if not _ID.fullmatch(id_):
        return None
    try:
        with (folder / f"{id_}.json").open("rb") as file:
            return file.read(_MAX_BYTES).decode("utf-8", "replace")
    except OSError:
        return None
