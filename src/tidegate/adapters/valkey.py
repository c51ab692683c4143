"""Valkey, as far as limits need it: scripts, over one connection that is made anew whenever it is lost (RESP2).

No client library: one command is used, and what answers slowly must be given up within the time that a request has.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

Reply: TypeAlias = "int | bytes | list[Reply] | None"

_MOST_BYTES: Final = 64 << 20
_TLS: Final = ("valkeys", "rediss")
_PLAIN: Final = ("valkey", "redis")


class ValkeyError(Exception):
    """Valkey cannot be reached, or refuses; the text names it without its password."""


@dataclass(frozen=True, slots=True)
class ValkeyAddress:
    """Where a Valkey is, and how it is entered."""

    host: str
    port: int
    path: str = ""
    """A Unix socket in the place of host and port."""
    tls: bool = False
    user: str = ""
    password: str = ""
    database: int = 0

    def __repr__(self) -> str:
        return f"ValkeyAddress({self})"

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, url: str) -> ValkeyAddress:
        """`valkey://[user[:password]@]host[:port][/database]`, `valkeys://` with TLS, `unix:///path`; redis:// too.

        Raises ValueError, without the password.
        """
        parts = urlsplit(url)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if parts.scheme == "unix" and parts.path:
            return cls("", 0, path=unquote(parts.path), user=user, password=password)
        database = parts.path.strip("/")
        if parts.scheme not in (*_TLS, *_PLAIN) or not parts.hostname or (database and not database.isdigit()):
            raise ValueError("expected valkey://host:port, valkeys://host:port or unix:///path")
        return cls(
            parts.hostname,
            parts.port or 6379,
            tls=parts.scheme in _TLS,
            user=user,
            password=password,
            database=int(database or 0),
        )


class Valkey:
    """One connection; one command at a time, in the order of the calls."""

    def __init__(self, address: ValkeyAddress, *, timeout_s: float) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def run(self, script: str, keys: tuple[str, ...], *arguments: str | float) -> Reply:
        """Run a script. Raises ValkeyError."""
        digest = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
        words = (str(len(keys)), *keys, *(str(a) for a in arguments))
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_s):
                    try:
                        return await self._command("EVALSHA", digest, *words)
                    except _Refused as refused:
                        if not str(refused).startswith("NOSCRIPT"):
                            raise
                    return await self._command("EVAL", script, *words)
            except _Refused as refused:
                # What it said is of the script or of who may enter, and holds nothing of requests but digests.
                raise ValkeyError(f"{self._address}: {refused}") from refused
            except (OSError, EOFError, TimeoutError, ValueError) as reason:
                self.close()
                raise ValkeyError(f"{self._address}: {reason or type(reason).__name__}") from reason
            except asyncio.CancelledError:
                self.close()  # An answer is under way that nobody takes.
                raise

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _command(self, *words: str) -> Reply:
        reader, writer = await self._connected()
        return await _exchange(reader, writer, words)

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            own = self._address
            if own.path:
                self._streams = await asyncio.open_unix_connection(own.path)
            else:
                context = ssl.create_default_context() if own.tls else None
                self._streams = await asyncio.open_connection(own.host, own.port, ssl=context)
            if own.password:
                await _exchange(*self._streams, ("AUTH", *((own.user,) if own.user else ()), own.password))
            if own.database:
                await _exchange(*self._streams, ("SELECT", str(own.database)))
        return self._streams


class _Refused(Exception):
    """Valkey's own words."""


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: tuple[str, ...]) -> Reply:
    encoded = [word.encode() for word in words]
    writer.write(
        b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded),
    )
    await writer.drain()
    return await _reply(reader)


async def _reply(reader: asyncio.StreamReader) -> Reply:
    line = await reader.readuntil(b"\r\n")
    kind, rest = line[:1], line[1:-2]
    match kind:
        case b"+":
            return rest
        case b":":
            return int(rest)
        case b"-":
            raise _Refused(rest.decode("utf-8", "replace")[:300])
        case b"$" if int(rest) < 0:
            return None
        case b"$" if int(rest) <= _MOST_BYTES:
            return (await reader.readexactly(int(rest) + 2))[:-2]
        case b"*":
            return [await _reply(reader) for _ in range(max(0, int(rest)))]
        case _:
            raise ValueError("what answers is no Valkey")
