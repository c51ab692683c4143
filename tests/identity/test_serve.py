"""Serving over real sockets: TLS, the private socket, upkeep, clean ends."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import ssl
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from structlog.testing import capture_logs

from identity.contoso import CONTOSO, DIRECTORY, World, client_credentials
from keys.made_keys import NOW
from tidegate.clock import ManualClock, SeededRandomness, SystemClock
from tidegate.identity import Bound, FileDirectorySource, LoadedDirectory, TokenService, directory_file, serve
from tidegate.identity.serve import look_after, server_context
from tidegate.keys import KeyStoreError, LocalCA
from tidegate.keys.ca import LEAF_LIFETIME_S


@pytest.fixture
def state() -> Iterator[Path]:
    """A directory with a path short enough for a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="tg") as directory:
        yield Path(directory)


@contextlib.asynccontextmanager
async def serving(state: Path, service: TokenService, *, watch: bool = False) -> AsyncIterator[Bound]:
    """The service on a free port and a socket in `state`; stopped at the end, which must be clean."""
    stop, ready = asyncio.Event(), asyncio.get_running_loop().create_future()
    async with asyncio.TaskGroup() as group:
        group.create_task(
            serve(
                service,
                ca=LocalCA(state, clock=SystemClock()),
                host="127.0.0.1",
                port=0,
                socket_path=state / "identity.sock",
                directory_path=state / "directory.json" if watch else None,
                stop=stop,
                on_ready=ready.set_result,
            )
        )
        yield await ready
        stop.set()


def _public(state: Path, bound: Bound) -> httpx2.AsyncClient:
    context = ssl.create_default_context(cafile=str(state / "ca.pem"))
    return httpx2.AsyncClient(verify=context, base_url=f"https://localhost:{bound.port}", trust_env=False)


def _private(bound: Bound) -> httpx2.AsyncClient:
    transport = httpx2.AsyncHTTPTransport(uds=str(bound.socket_path))
    return httpx2.AsyncClient(transport=transport, base_url="http://identity", trust_env=False)


async def test_both_doors_are_open_and_each_has_its_own_rooms(world: World, state: Path) -> None:
    """TLS gives tokens for secrets; the socket gives tokens to the operator, and only the socket does."""
    async with serving(state, world.service) as bound, _public(state, bound) as public, _private(bound) as private:
        answer = await public.post("/contoso.com/oauth2/v2.0/token", data=client_credentials())
        assert answer.status_code == 200, answer.text
        assert "server" not in answer.headers
        wanted = {"user": "admin@contoso.com", "scope": "api://tasks/.default"}
        assert (await private.post("/internal/tokens", json=wanted)).status_code == 200
        assert (await public.post("/internal/tokens", json=wanted)).status_code == 404
        document = (await public.get(f"/{CONTOSO}/v2.0/.well-known/openid-configuration")).json()
        assert document["token_endpoint"].startswith(f"https://localhost:{bound.port}/")


async def test_the_socket_is_the_owners_and_goes_away(world: World, state: Path) -> None:
    """Mode 0600 from its first moment; no socket and no port afterwards."""
    async with serving(state, world.service) as bound:
        assert stat.S_IMODE(bound.socket_path.stat().st_mode) == 0o600
    assert not bound.socket_path.exists()
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", bound.port), timeout=5):
        pass


async def test_a_socket_left_by_a_killed_process_is_replaced(world: World, state: Path) -> None:
    """The supervisor holds the state's lock: nobody else can be using it."""
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(state / "identity.sock"))
    left.close()
    async with serving(state, world.service) as bound, _private(bound) as private:
        assert (await private.get("/internal/health")).status_code == 200


async def test_clients_without_the_authority_are_turned_away(world: World, state: Path) -> None:
    """And the service goes on for the others, silently."""
    async with serving(state, world.service) as bound:
        async with httpx2.AsyncClient(verify=ssl.create_default_context(), trust_env=False) as stranger:
            with pytest.raises(httpx2.ConnectError):
                await stranger.get(f"https://localhost:{bound.port}/")
        reader, writer = await asyncio.open_connection("127.0.0.1", bound.port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert await reader.read() == b""
        writer.close()
        async with _public(state, bound) as public:
            assert (await public.get("/common/discovery/keys")).status_code == 200


async def test_a_taken_port_is_an_oserror_that_names_it(world: World, state: Path) -> None:
    """One clear line for whoever starts it; nothing is left behind."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"127.0.0.1:{port}") as raised:
            await serve(
                world.service,
                ca=LocalCA(state, clock=SystemClock()),
                host="127.0.0.1",
                port=port,
                socket_path=state / "identity.sock",
                directory_path=None,
                stop=asyncio.Event(),
                on_ready=lambda _: pytest.fail("it is not ready"),
            )
    assert raised.value.errno == errno.EADDRINUSE
    assert not (state / "identity.sock").exists()


async def test_a_socket_path_that_is_too_long_is_named(world: World, state: Path) -> None:
    """Unix sockets have a limit of about a hundred bytes."""
    with pytest.raises(OSError, match=r"a{100}"):
        await serve(
            world.service,
            ca=LocalCA(state, clock=SystemClock()),
            host="127.0.0.1",
            port=0,
            socket_path=state / ("a" * 120),
            directory_path=None,
            stop=asyncio.Event(),
            on_ready=lambda _: pytest.fail("it is not ready"),
        )


async def test_cancellation_closes_everything(world: World, state: Path) -> None:
    """As a stop does, at once."""
    ready: asyncio.Future[Bound] = asyncio.get_running_loop().create_future()
    with contextlib.suppress(asyncio.CancelledError):
        async with asyncio.TaskGroup() as group:
            task = group.create_task(
                serve(
                    world.service,
                    ca=LocalCA(state, clock=SystemClock()),
                    host="127.0.0.1",
                    port=0,
                    socket_path=state / "identity.sock",
                    directory_path=state / "directory.json",
                    stop=asyncio.Event(),
                    on_ready=ready.set_result,
                )
            )
            bound = await ready
            task.cancel()
    assert not bound.socket_path.exists()
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", bound.port), timeout=5):
        pass


class Announced(FileDirectorySource):
    """A file source that tells when a directory with more tenants was loaded."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.loop = asyncio.get_running_loop()
        self.changed = asyncio.Event()

    def load(self) -> LoadedDirectory:
        loaded = super().load()
        if len(loaded.directory.tenants) == 2:
            self.loop.call_soon_threadsafe(self.changed.set)
        return loaded


async def test_a_replaced_directory_file_is_noticed(world: World, state: Path) -> None:
    """Without anybody asking."""
    path = state / "directory.json"
    directory_file.write(path, replace(DIRECTORY, tenants=DIRECTORY.tenants[1:]))
    source = Announced(path)
    service = TokenService(
        authority="https://localhost:8444",
        directory=source,
        keys=world.keys,
        clock=world.clock,
        randomness=SeededRandomness(),
    )
    async with serving(state, service, watch=True) as bound, _public(state, bound) as public:
        assert (await public.post("/contoso.com/oauth2/v2.0/token", data=client_credentials())).status_code == 400
        await asyncio.to_thread(directory_file.write, path, DIRECTORY)
        async with asyncio.timeout(60):
            await source.changed.wait()
            while service.health()["tenants"] != 2:
                await asyncio.to_thread(os.sched_yield)
        assert (await public.post("/contoso.com/oauth2/v2.0/token", data=client_credentials())).status_code == 200


async def test_upkeep_rotates_keys_and_renews_the_certificate(world: World, state: Path) -> None:
    """What is due is done; the same context then serves the new chain."""
    clock = ManualClock(NOW)
    ca = LocalCA(state, clock=clock)
    leaf = ca.leaf()
    context = server_context(leaf)
    before = world.service.health()["keys"]
    assert await look_after(world.service, ca=ca, leaf=leaf, context=context) == leaf
    assert world.service.health()["keys"] == before
    clock.advance(LEAF_LIFETIME_S)
    world.clock.advance(world.service.keys_due - NOW)
    with capture_logs() as lines:
        renewed = await look_after(world.service, ca=ca, leaf=leaf, context=context)
    assert renewed.not_after > leaf.not_after
    assert world.service.health()["keys"] != before
    assert {line["event"] for line in lines} == {"identity.keys.rotated", "identity.certificate.renewed"}


async def test_upkeep_that_fails_is_logged_and_serving_goes_on(
    world: World, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk takes nobody's tokens."""
    ca = LocalCA(state, clock=ManualClock(NOW))
    leaf = ca.leaf()

    def full(*_: object) -> None:
        raise KeyStoreError("keys/tenants.json: the signing keys cannot be written: No space left on device")

    monkeypatch.setattr(world.keys, "update", full)
    leaf.path.parent.chmod(0o700)
    leaf.path.unlink()
    leaf.path.mkdir()
    with capture_logs() as lines:
        assert await look_after(world.service, ca=ca, leaf=leaf, context=server_context_of(ca)) == leaf
    assert [line["event"] for line in lines] == ["identity.keys.unusable", "identity.certificate.unusable"]


def server_context_of(ca: LocalCA) -> ssl.SSLContext:
    """A context over another leaf, while the usual one is broken."""
    return server_context(ca.leaf(("127.0.0.1",)))
