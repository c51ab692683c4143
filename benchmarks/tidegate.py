"""Tidegate as it is measured: the example's own manifests in front of the benchmark's backend, by `tidegate up`."""

from __future__ import annotations

import base64
import contextlib
import json
import shutil
import socket
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks.processes import BenchmarkFailed, Running, descendants, running, wait_for

EXAMPLE: Final = Path(__file__).resolve().parent.parent / "examples" / "tasks" / "manifests"
USERS: Final = ("ada.admin@contoso.com", "eddie.editor@contoso.com", "rita.reader@contoso.com")
SCOPE: Final = "api://tasks/Tasks.ReadWrite"
ORIGIN: Final = "http://localhost:5173"
PATH: Final = "/tasks"
OPEN_PORT: Final = 90

_START_DEADLINE_S: Final = 180.0
"""For the largest configurations on a busy machine; how long it takes is measured, not bounded."""

_CALLS: Final = 'calls="100"'
_RAISED: Final = 'calls="1000000"'

_SERVICES: Final = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: tasks
  annotations:
    tidegate.dev/endpoints: "127.0.0.1:{port}"
spec:
  ports:
    - name: http
      port: 80
"""

_OPEN: Final = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: open
  namespace: tasks
spec:
  gatewayClassName: tidegate
  listeners:
    - name: http
      port: {port}
      protocol: HTTP
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: open
  namespace: tasks
spec:
  parentRefs:
    - name: open
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: {path}
      backendRefs:
        - name: task
          port: 80
"""


def write_manifests(directory: Path, *, backend_port: int) -> None:
    """The example's gateway, policies and identities; its Services point to the backend; the limit never trips.

    A second Gateway without any policy stands beside it, and its route is what `write_open_route` changes.
    """
    shutil.copytree(EXAMPLE, directory)
    policy = directory / "policies" / "task.xml"
    text = policy.read_text(encoding="utf-8")
    if _CALLS not in text:
        raise BenchmarkFailed(f"the example's policy has no {_CALLS} any more")
    policy.write_text(text.replace(_CALLS, _RAISED), encoding="utf-8")
    services = (_SERVICES.format(name=name, port=backend_port) for name in ("task", "notification", "audit"))
    (directory / "services.yaml").write_text("---\n".join(services), encoding="utf-8")
    write_open_route(directory, path=PATH)


def write_open_route(directory: Path, *, path: str) -> None:
    """Replace the file with the Gateway that has no policy, as an editor does: a new file, renamed over the old."""
    new = directory / ".open.yaml.new"
    new.write_text(_OPEN.format(port=OPEN_PORT, path=path), encoding="utf-8")
    new.replace(directory / "open.yaml")


@dataclass(frozen=True, slots=True)
class Instance:
    """A running `tidegate up` that has written its ready file."""

    process: Running
    state: Path
    ready: dict[str, Any]

    def port(self, gateway: str) -> int:
        """The port of a Gateway's only listener, named http."""
        return self.port_of(f"tasks/{gateway}", "http")

    def port_of(self, gateway: str, listener: str) -> int:
        """The port at which one listener of a Gateway (`namespace/name`) is reached."""
        return int(self.ready["gateways"][gateway]["listeners"][listener]["port"])

    def envoy_pid(self) -> int:
        """The data plane's process."""
        return self.pid_of("envoy-bootstrap")

    def pid_of(self, part: str) -> int:
        """The only process below the supervisor whose command line contains `part`."""
        found = [pid for pid, command in descendants(self.process.pid).items() if part in command]
        if len(found) != 1:
            raise BenchmarkFailed(f"expected one {part} below Tidegate, found {descendants(self.process.pid)}")
        return found[0]

    def token(self, user: str) -> str:
        """A token as `tidegate token` gets it."""
        elsewhere = self.state / "run-dir"
        sockets = Path(elsewhere.read_text(encoding="utf-8").strip()) if elsewhere.exists() else self.state
        transport = httpx2.HTTPTransport(uds=str(sockets / "identity.sock"))
        with httpx2.Client(transport=transport, base_url="http://identity", trust_env=False) as client:
            answer = client.post("/internal/tokens", json={"user": user, "scope": SCOPE})
        if answer.status_code != 200:
            raise BenchmarkFailed(f"no token for {user}: {answer.text}")
        return str(answer.json()["access_token"])

    def public_key(self, token: str) -> bytes:
        """The key that signed `token`, as PEM, from the key set that the token's tenant publishes."""
        tenant, kid = claims(token)["tid"], _segment(token, 0)["kid"]
        context = ssl.create_default_context(cafile=self.ready["identity"]["ca"])
        url = f"{self.ready['identity']['authority']}/{tenant}/discovery/v2.0/keys"
        with httpx2.Client(verify=context, trust_env=False) as client:
            keys = client.get(url).json()["keys"]
        key = next(key for key in keys if key["kid"] == kid)
        numbers = rsa.RSAPublicNumbers(e=_number(key["e"]), n=_number(key["n"]))
        return numbers.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )


def command(manifests: Path, *, state: Path, ready_file: Path, offset: int) -> list[str | Path]:
    """`tidegate up` of this environment, as a user would type it."""
    tidegate = Path(sys.executable).with_name("tidegate")
    return [tidegate, "up", manifests, "--state", state, "--ready-file", ready_file, "--port-offset", str(offset)]


@contextlib.contextmanager
def up(manifests: Path, *, state: Path, core: int | None, directory: Path) -> Iterator[Instance]:
    """Run `tidegate up` until the block ends; all of its processes on `core`, so that Envoy has one worker."""
    ready_file = directory / "ready.json"
    ready_file.unlink(missing_ok=True)
    words = command(manifests, state=state, ready_file=ready_file, offset=free_offset())
    with running("tidegate", words, core=core, port=None, directory=directory) as process:
        wait_for(
            ready_file.exists,
            what="tidegate's ready file",
            log=process.log,
            alive=Path(f"/proc/{process.pid}").exists,
            deadline_s=_START_DEADLINE_S,
        )
        yield Instance(process, state, json.loads(ready_file.read_text(encoding="utf-8")))


def free_offset() -> int:
    """A port offset at which the ports of these manifests and of the token service are free."""
    for offset in range(21_000, 29_000, 250):
        with contextlib.ExitStack() as stack:
            try:
                for port in (80, OPEN_PORT, 444):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", offset + port))
            except OSError:
                continue
            return offset
    raise BenchmarkFailed("no free port offset")


def claims(token: str) -> dict[str, Any]:
    """What a token says, unverified: we are the ones who asked for it."""
    return _segment(token, 1)


def _segment(token: str, index: int) -> dict[str, Any]:
    part = token.split(".")[index]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
