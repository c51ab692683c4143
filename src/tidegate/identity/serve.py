"""Serving: TLS for clients, the Unix socket for the operator, and the upkeep of keys, directory and certificate.

All of it lives in one TaskGroup: if one part fails, the whole ends, loudly, and the supervisor starts it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import uvicorn
from starlette.types import ASGIApp
from watchfiles import Change, awatch

from tidegate.identity import events
from tidegate.identity.app import create_public_app
from tidegate.identity.internal import create_internal_app
from tidegate.identity.patience import PatientProtocol
from tidegate.identity.service import TokenService
from tidegate.keys import CertificateError, KeyStoreError, Leaf, LocalCA

_UPKEEP_S: Final = 30.0
"""How often keys and certificate are looked at: other processes may have rotated."""
_RECHECK_MS: Final = 5_000
_GRACE_S: Final = 5
"""How long running requests may take after a stop was asked for."""
_BACKLOG: Final = 1024


@dataclass(frozen=True, slots=True)
class Bound:
    """Where the service listens."""

    host: str
    port: int
    socket_path: Path


async def serve(
    service: TokenService,
    *,
    ca: LocalCA,
    host: str,
    port: int,
    socket_path: Path,
    directory_path: Path | None,
    stop: asyncio.Event,
    on_ready: Callable[[Bound], None],
) -> None:
    """Serve until `stop` is set, then finish running requests and remove the socket.

    `port` 0 takes a free one. `on_ready` is called once both listen. `directory_path` is watched, if given.
    OSError: an address cannot be bound; its text names the address.
    """
    leaf = ca.leaf()
    context = server_context(leaf)
    with _bound_tcp(host, port) as public_socket, _bound_unix(socket_path) as private_socket:
        public = _Server(create_public_app(service), context)
        private = _Server(create_internal_app(service), None)
        bound = Bound(host, public_socket.getsockname()[1], socket_path)
        async with asyncio.TaskGroup() as group:
            upkeep = [group.create_task(_keep_up(service, ca, leaf, context), name="identity:upkeep")]
            if directory_path is not None:
                upkeep.append(group.create_task(_watch(service, directory_path, stop), name="identity:directory"))
            servers = [
                group.create_task(public.run(public_socket), name="identity:public"),
                group.create_task(private.run(private_socket), name="identity:private"),
            ]
            await asyncio.gather(public.listening.wait(), private.listening.wait())
            on_ready(bound)
            await stop.wait()
            public.should_exit = private.should_exit = True
            await asyncio.gather(*servers)
            for task in upkeep:
                task.cancel()


class _Server(uvicorn.Server):
    """uvicorn on a socket of ours. Signals belong to the process's composition, not to each server."""

    def __init__(self, app: ASGIApp, context: ssl.SSLContext | None) -> None:
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=False,
            backlog=_BACKLOG,
            timeout_graceful_shutdown=_GRACE_S,
        )
        config.load()
        config.ssl = context
        super().__init__(config)
        self.listening: Final = asyncio.Event()

    async def run(self, bound: socket.socket) -> None:  # type: ignore[override]  # uvicorn's own starts a loop
        await self.serve([bound])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _keep_up(service: TokenService, ca: LocalCA, leaf: Leaf, context: ssl.SSLContext) -> None:
    while True:
        remaining = service.keys_due - service.clock.now()
        await asyncio.sleep(min(_UPKEEP_S, max(remaining, 1.0)))
        leaf = await look_after(service, ca=ca, leaf=leaf, context=context)


async def look_after(service: TokenService, *, ca: LocalCA, leaf: Leaf, context: ssl.SSLContext) -> Leaf:
    """Move keys on when due, and renew the certificate. What fails is logged and tried again: serving goes on."""
    try:
        await asyncio.to_thread(service.refresh_keys)
    except KeyStoreError as error:
        events.keys_unusable(message=str(error))
    try:
        renewed = await asyncio.to_thread(ca.leaf, leaf.names)
        if renewed != leaf:
            # New handshakes use the new chain; running connections keep theirs.
            context.load_cert_chain(renewed.path)
            events.certificate_renewed(not_after=renewed.not_after)
    except (CertificateError, ssl.SSLError) as error:
        events.certificate_unusable(message=str(error))
        return leaf
    return renewed


async def _watch(service: TokenService, path: Path, stop: asyncio.Event) -> None:
    """Reload the directory when its file is replaced."""

    def concerns(_: Change, changed: str) -> bool:
        return Path(changed).name == path.name

    changes = awatch(
        path.parent,
        watch_filter=concerns,
        recursive=False,
        step=20,
        debounce=200,
        stop_event=stop,
        rust_timeout=_RECHECK_MS,
        yield_on_timeout=True,  # a change between the first load and the watch's begin is not lost for long
    )
    async for _ in changes:
        await asyncio.to_thread(service.reload)


def server_context(leaf: Leaf) -> ssl.SSLContext:
    """TLS 1.2 and newer, HTTP/1.1: what every SDK speaks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(leaf.path)
    return context


@contextlib.contextmanager
def _bound_tcp(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
            bound.listen(_BACKLOG)
        except OSError as error:
            raise OSError(error.errno, error.strerror, f"{host}:{port}") from error
        bound.setblocking(False)
        yield bound
    finally:
        bound.close()


@contextlib.contextmanager
def _bound_unix(path: Path) -> Iterator[socket.socket]:
    """A socket of mode 0600. A left-over one is replaced: the state directory has one owner, who holds its lock."""
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        try:
            if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
                path.unlink()
            # The mask, not a chmod afterwards: between bind and chmod anyone could connect.
            mask = os.umask(0o177)
            try:
                bound.bind(str(path))
            finally:
                os.umask(mask)
            bound.listen(_BACKLOG)
        except OSError as error:
            raise OSError(error.errno, error.strerror or str(error), str(path)) from error
        bound.setblocking(False)
        yield bound
    finally:
        bound.close()
        path.unlink(missing_ok=True)
