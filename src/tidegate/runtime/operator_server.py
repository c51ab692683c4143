"""Serving the operator's socket."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from tidegate.runtime.operator_protocol import MAX_REQUEST_BYTES, OperationRefused
from tidegate.telemetry import names

OWN_BUG: Final = 70

_log: Final[structlog.stdlib.BoundLogger] = structlog.get_logger("tidegate.control")

Operation = Callable[[Mapping[str, Any]], Awaitable[Any]]


async def serve_operator(path: Path, operations: Mapping[str, Operation]) -> asyncio.Server:
    """Answer on `path` until the server is closed. An operation raises OperationRefused to say no."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if _peer_user(writer) in {os.getuid(), 0}:
                writer.write(json.dumps(await _answer(reader, operations)).encode() + b"\n")
                await writer.drain()
        except ConnectionError:
            return  # Who asked is gone; nobody is left to tell.
        finally:
            writer.close()

    _remove(path)
    before = os.umask(0o177)
    try:
        return await asyncio.start_unix_server(serve, str(path), limit=MAX_REQUEST_BYTES)
    finally:
        os.umask(before)


def _remove(path: Path) -> None:
    """What a killed process left."""
    path.unlink(missing_ok=True)


async def _answer(reader: asyncio.StreamReader, operations: Mapping[str, Operation]) -> dict[str, Any]:
    try:
        request = json.loads(await reader.readline())
        operation = operations[request["command"]]
    except (ValueError, RecursionError, KeyError, TypeError):
        return {"ok": False, "error": "the request is not understood", "exit_code": 2}
    try:
        return {"ok": True, "result": await operation(request)}
    except OperationRefused as refused:
        return {"ok": False, "error": str(refused), "exit_code": refused.exit_code}
    except Exception as bug:  # noqa: BLE001 - this socket's top: who asked gets an answer, the rest goes on
        _log.error(names.BUG, command=request["command"], exc_info=bug)
        text = f"this is a bug in tidegate ({type(bug).__name__}); the log of the control process has the report"
        return {"ok": False, "error": text, "exit_code": OWN_BUG}


def _peer_user(writer: asyncio.StreamWriter) -> int:
    """The user at the other end, by the kernel's word (SO_PEERCRED, unix(7))."""
    end: socket.socket = writer.get_extra_info("socket")
    credentials = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _pid, uid, _gid = struct.unpack("3i", credentials)
    return int(uid)
