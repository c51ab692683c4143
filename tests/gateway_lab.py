"""A laboratory for the gateway's behaviour: a small manifest, a real Envoy that has it by ADS, recording backends.

One Envoy serves a whole session; `apply` swaps its configuration, and each test gets ports of its own, so that nothing
of an earlier test can answer. Manifests are read as `a.yaml`; what the lab adds beside them (a Gateway `edge` with an
HTTP listener on port 80 where the manifest has none, a Service for each backend) is read as `lab.yaml`.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import grpc
import yaml

from compiling import sources_of
from gateway_clients import Answer, Session, WebSocket, tls_client
from real_envoy import Events, control_plane, running_envoy, socket_folder, with_test_secrets
from recording_backends import Backend, Background, Talk, http1, running
from stream_backends import Datagrams, GrpcBackend, running_grpc, running_udp
from tidegate.diagnostics import Severity
from tidegate.diagnostics.render import render
from tidegate.envoy import LISTENER, Snapshot
from tidegate.pipeline import Compilation, Observed, Settings, compile_sources
from tidegate.policies.shared_memory import create
from tidegate.xds import SnapshotCache

T = TypeVar("T")

EDGE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge}
spec:
  gatewayClassName: tidegate
  listeners: [{name: http, port: 80, protocol: HTTP}]
"""

PREFIXES = [
    ("/foo/bar", "/foo", "/xyz", "/xyz/bar"),
    ("/foo/bar", "/foo", "/xyz/", "/xyz/bar"),
    ("/foo/bar", "/foo/", "/xyz", "/xyz/bar"),
    ("/foo/bar", "/foo/", "/xyz/", "/xyz/bar"),
    ("/foo", "/foo", "/xyz", "/xyz"),
    ("/foo/", "/foo", "/xyz", "/xyz/"),
    ("/foo/bar", "/foo", "/", "/bar"),
    ("/foo/", "/foo", "/", "/"),
    ("/foo", "/foo", "/", "/"),
]
"""Request, PathPrefix, replacement, result: the table of HTTPPathModifier.replacePrefixMatch."""

_SHOP = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: edge}]
  rules:
"""

_EMPTY = Snapshot.of({})


class Plane:
    """An Envoy and its control plane, for a whole session."""

    def __init__(self, background: Background) -> None:
        self.background = background
        self._stack = contextlib.AsyncExitStack()
        self._cache = SnapshotCache()
        self.folder = Path()
        self.events = Events()

    async def start(self) -> None:
        """Run Envoy."""
        self.folder = self._stack.enter_context(socket_folder())
        create(self.folder / "shared-memory")
        os.environ["TIDEGATE_SHARED_MEMORY"] = str(self.folder / "shared-memory")
        self.events = await self._stack.enter_async_context(control_plane(self._cache, self.folder))
        self.envoy = await self._stack.enter_async_context(running_envoy(self.folder))
        del os.environ["TIDEGATE_SHARED_MEMORY"]

    async def publish(self, snapshot: Snapshot) -> str:
        """Give Envoy a snapshot and wait until it has it; what it refused, "" if nothing."""
        for kept in (self.events.refused, self.events.settled):
            kept.clear()
        self._cache.publish(snapshot)
        settled = await self.events.until_settled(snapshot)
        return "\n".join(str(refused) for refused in self.events.refused) if settled.refused else ""

    async def stop(self) -> None:
        """End Envoy."""
        await self._stack.aclose()


@contextlib.contextmanager
def running_plane() -> Iterator[Plane]:
    """The session's Envoy."""
    background = Background()
    plane = Plane(background)
    background.run(plane.start())
    try:
        yield plane
    finally:
        background.run(plane.stop())
        background.stop()


@dataclass
class Lab:
    """One test's use of the plane."""

    plane: Plane
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    services: list[str] = field(default_factory=list)
    """What `lab.yaml` holds beside the Gateway."""
    compilation: Compilation | None = field(default=None, repr=False)
    offset: int = 0
    observed: Observed = field(default_factory=Observed, repr=False)
    """What the shell would have seen of the outside: issuers' keys, replicas."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What `--set` would say."""

    # -- backends -----------------------------------------------------------------------------------------------------

    def http(
        self,
        *names: str,
        talk: Talk = http1,
        tls: Any = None,
        app_protocol: str | None = None,
        namespace: str = "default",
    ) -> list[Backend]:
        """Recording backends, each behind a Service of its name on port 80."""
        backends = []
        for name in names:
            backend = self.stack.enter_context(running(self.plane.background, Backend(name), talk, tls=tls))
            self.service(name, backend.endpoint, app_protocol=app_protocol, namespace=namespace)
            backends.append(backend)
        return backends

    def endpoints(self, count: int) -> list[Backend]:
        """Recording backends without a Service, named e1, e2, ..."""
        return [
            self.stack.enter_context(running(self.plane.background, Backend(f"e{number}")))
            for number in range(1, count + 1)
        ]

    def grpc(self, *names: str) -> list[GrpcBackend]:
        """gRPC backends, each behind a Service of its name on port 80."""
        backends = [self.stack.enter_context(running_grpc(name)) for name in names]
        for backend in backends:
            self.service(backend.name, backend.endpoint)
        return backends

    def udp(self, *names: str) -> list[Datagrams]:
        """UDP backends, each behind a Service of its name on port 80."""
        backends = [self.stack.enter_context(running_udp(self.plane.background, name)) for name in names]
        for backend in backends:
            self.service(backend.name, backend.endpoint, protocol="UDP")
        return backends

    def service(
        self,
        name: str,
        *endpoints: str,
        port: int = 80,
        protocol: str | None = None,
        app_protocol: str | None = None,
        namespace: str = "default",
    ) -> None:
        """A Service in `lab.yaml`."""
        described: dict[str, Any] = {"port": port}
        described |= {"protocol": protocol} if protocol else {}
        described |= {"appProtocol": app_protocol} if app_protocol else {}
        metadata: dict[str, Any] = {"name": name, "namespace": namespace}
        if endpoints:
            metadata["annotations"] = {"tidegate.dev/endpoints": ",".join(endpoints)}
        self.add({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"ports": [described]}})

    def add(self, document: Mapping[str, Any] | str) -> None:
        """One more document in `lab.yaml`: what would only be noise in the test's own manifest."""
        text = document if isinstance(document, str) else yaml.safe_dump(dict(document), sort_keys=False)
        self.services.append(textwrap.dedent(text))

    # -- configuration ------------------------------------------------------------------------------------------------

    def apply(self, manifest: str, *, errors: bool = False, artifacts: Mapping[str, str] | None = None) -> Compilation:
        """Compile, give it to Envoy, wait until it listens. Errors in it fail the test, unless it is about them.

        `artifacts` are further files, such as those of API Management by their paths.
        """
        text = textwrap.dedent(manifest)
        extra = list(self.services)
        documents = [one for one in yaml.safe_load_all(text) if one]
        if not any(document.get("kind") == "Gateway" for document in documents):
            extra.insert(0, EDGE)
        self.offset = self.offset or _free_offset(_ports(documents))
        files = {"a.yaml": text, "lab.yaml": "---\n".join(extra), **(artifacts or {})}
        self.compilation = compile_sources(
            sources_of(files, values=self.values), Settings(port_offset=self.offset), self.observed, self.compilation
        )
        found = [d for d in self.compilation.diagnostics if d.severity is Severity.ERROR]
        assert errors or not found, render(found, format="concise", sources={})
        snapshot = with_test_secrets(self.compilation.snapshot)
        refusal = self.plane.background.run(self.plane.publish(snapshot))
        assert not refusal, refusal
        for name, listener in snapshot.resources[LISTENER].items():
            if "internal_listener" in listener:
                continue
            at = listener["address"]["socket_address"]
            if at.get("protocol", "TCP") == "TCP":
                until(lambda at=at: _listens(at["address"], at["port_value"]), what=f"listener {name}")
        return self.compilation

    def rules(self, rules: str, *, errors: bool = False) -> Compilation:
        """An HTTPRoute `shop` of the Gateway `edge` with these rules; the first is at line 7 of `a.yaml`."""
        return self.apply(_SHOP + textwrap.indent(textwrap.dedent(rules).lstrip("\n"), "    "), errors=errors)

    def close(self) -> None:
        """End the test's backends and take its listeners away."""
        self.stack.close()
        self.plane.background.run(self.plane.publish(_EMPTY))

    # -- traffic ------------------------------------------------------------------------------------------------------

    def get(self, path: str = "/", *headers: tuple[str, str], **how: Any) -> Answer:
        """One request on a connection of its own. See `Session` and `Session.ask` for what `how` may say."""
        chosen = {name: how.pop(name) for name in ("port", "address", "tls", "server_name") if name in how}
        with self.session(**chosen) as session:
            return session.ask(path, *headers, **how)

    def session(
        self, *, port: int = 80, address: str = "127.0.0.1", tls: Any = None, server_name: str | None = None
    ) -> Session:
        """One kept HTTP/1.1 connection to a listener's port (as in the manifest)."""
        return Session((address, port + self.offset), tls=tls, server_name=server_name)

    def count(self, requests: int, path: str = "/", *headers: tuple[str, str], **how: Any) -> dict[str, int]:
        """How often each backend (or status, where no backend answered) answered so many requests."""
        counts: dict[str, int] = {}
        with self.session() as session:
            for _ in range(requests):
                who = session.ask(path, *headers, **how).who
                counts[who] = counts.get(who, 0) + 1
        return counts

    def eventually(self, condition: Callable[[], Any]) -> bool:
        """Whether the condition becomes true within seconds: for edits and for what happens beside a request."""
        until(condition, what="what was to happen")
        return True

    def websocket(self, path: str = "/", *, host: str = "gateway.test", port: int = 80) -> WebSocket:
        """A WebSocket through the gateway."""
        return WebSocket(("127.0.0.1", port + self.offset), path, host=host)

    def connect(
        self, port: int, *, address: str = "127.0.0.1", tls: Any = None, server_name: str | None = None
    ) -> socket.socket:
        """A raw connection to a listener's port."""
        return tls_client((address, port + self.offset), tls=tls, server_name=server_name)

    def occupy(self, requests: int) -> list[socket.socket]:
        """So many requests that wait for their answers, each on a connection of its own, until these are closed."""
        waiting = [self.stack.enter_context(self.connect(80)) for _ in range(requests)]
        for connection in waiting:
            connection.sendall(b"GET / HTTP/1.1\r\nhost: gateway.test\r\n\r\n")
        return waiting

    @contextlib.contextmanager
    def channel(self, *, port: int = 80, authority: str = "gateway.test") -> Iterator[grpc.Channel]:
        """A gRPC channel in the clear."""
        options = (("grpc.default_authority", authority), ("grpc.enable_http_proxy", 0))
        with grpc.insecure_channel(f"127.0.0.1:{port + self.offset}", options=options) as channel:
            yield channel

    # -- what is said about it ----------------------------------------------------------------------------------------

    def status(self, kind: str, name: str, *, namespace: str = "default", group: str | None = None) -> dict[str, Any]:
        """`.status` of one resource."""
        assert self.compilation is not None
        found = [
            status
            for key, status in self.compilation.statuses.items()
            if (key.kind, key.namespace, key.name) == (kind, namespace, name) and group in {None, key.group}
        ]
        assert len(found) == 1, f"{kind} {namespace}/{name}: {sorted(map(str, self.compilation.statuses))}"
        return found[0]

    def found(self, code_or_slug: str = "") -> list[str]:
        """`file:line` of every diagnostic, or of those with this code or slug."""
        assert self.compilation is not None
        return [
            f"{diagnostic.span.file}:{diagnostic.span.line}"
            for diagnostic in self.compilation.diagnostics
            if diagnostic.span is not None and code_or_slug in {"", diagnostic.code.code, diagnostic.code.slug}
        ]

    def stats(self, pattern: str) -> dict[str, int]:
        """Envoy's counters and gauges whose name contains a text."""
        text = self.plane.background.run(self.plane.envoy.admin("/stats"))
        rows = (line.rpartition(": ") for line in text.splitlines() if pattern in line)
        return {name: int(value) for name, _, value in rows if value.isdigit()}


def conditions(status: Mapping[str, Any]) -> dict[str, str]:
    """Condition type -> `True`, or `False/Reason` where it is not true."""
    return {
        one["type"]: one["status"] if one["status"] == "True" else f"{one['status']}/{one['reason']}"
        for one in status["conditions"]
    }


def parent_conditions(status: Mapping[str, Any], number: int = 0) -> dict[str, str]:
    """The conditions of a route's parent, the first unless said otherwise."""
    return conditions(status["parents"][number])


def until(condition: Callable[[], T], *, what: str, deadline_s: float = 60.0) -> T:
    """The first true value, asked again and again until the deadline."""
    end = time.monotonic() + deadline_s
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(0.002)  # Nothing tells when Envoy's workers have what its main thread has accepted.
    return value


def _listens(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


def _ports(documents: list[Any]) -> list[int]:
    ports = {80, 81}
    for document in documents:
        if document.get("kind") in {"Gateway", "ListenerSet"}:
            ports |= {listener.get("port", 80) for listener in document["spec"].get("listeners", ())}
    return sorted(port for port in ports if isinstance(port, int) and port < 20_000)


def _free_offset(ports: list[int]) -> int:
    """An offset at which all these ports are free, for TCP and UDP."""
    for _ in range(100):
        offset = random.randint(10_000, 40_000)
        with contextlib.ExitStack() as stack:
            try:
                for port in ports:
                    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                        for address in ("127.0.0.1", "127.0.0.2"):
                            stack.enter_context(socket.socket(type=kind)).bind((address, port + offset))
            except OSError:
                continue
            return offset
    raise AssertionError(f"no offset at which {ports} are free")


__all__ = ["EDGE", "PREFIXES", "Lab", "Plane", "conditions", "parent_conditions", "running_plane", "until"]
