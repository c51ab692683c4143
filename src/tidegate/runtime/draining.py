"""Letting Envoy finish what it has begun, through its admin interface on a Unix socket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final

_ANSWER_TIMEOUT_S: Final = 1.0
_ASK_AGAIN_S: Final = 0.02
_ACTIVE: Final = "/stats?format=json&filter=^http\\.gateway\\.downstream_rq_active$"


class AdminUnreachable(Exception):
    """Envoy's admin interface did not answer."""


async def drain(admin: Path, *, deadline_s: float) -> None:
    """Close the listeners, then return when no request is being answered any more, or at the deadline.

    Envoy 1.40: `/drain_listeners` without `graceful` closes the listening sockets at once, and answers on open
    connections carry `connection: close` from then on.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline_s
    try:
        await ask(admin, "POST", "/healthcheck/fail")
        await ask(admin, "POST", "/drain_listeners")
        while loop.time() < end and await active_requests(admin) > 0:  # noqa: ASYNC110 - Envoy tells only when asked
            await asyncio.sleep(_ASK_AGAIN_S)
    except AdminUnreachable:
        return


async def active_requests(admin: Path) -> int:
    """How many requests Envoy is answering now. Raises AdminUnreachable."""
    stats = json.loads(await ask(admin, "GET", _ACTIVE))
    return sum(stat.get("value", 0) for stat in stats.get("stats", ()))


async def ask(admin: Path, method: str, path: str) -> bytes:
    """One request to the admin interface; the body of its answer. Raises AdminUnreachable."""
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            reader, writer = await asyncio.open_unix_connection(str(admin))
            try:
                request = f"{method} {path} HTTP/1.1\r\nHost: admin\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                writer.write(request.encode())
                answer = await reader.read()
            finally:
                writer.close()
    except (OSError, TimeoutError) as reason:
        raise AdminUnreachable(f"Envoy's admin interface at {admin}: {reason}") from reason
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.partition(b"\r\n")[0]:
        raise AdminUnreachable(f"Envoy's admin interface answered {path} with {head[:60]!r}")
    return _unchunk(body) if b"chunked" in head.lower() else body


def _unchunk(body: bytes) -> bytes:
    """RFC 9112 section 7.1, without trailers: the admin interface sends none."""
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        count = int(size.partition(b";")[0] or b"0", 16)
        if count == 0:
            break
        whole += rest[:count]
        body = rest[count + 2 :]
    return whole
