"""Whole-system attacks beyond those of test_tasks: around a route's policy, around its limits, through its seams."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from system import TASKS, System, running

pytestmark = pytest.mark.e2e

ADA = "40000000-0000-4000-8000-000000000001"
TENANT = "10000000-0000-4000-8000-000000000001"
UNGUARDED = """
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: forgotten, namespace: tasks}
spec:
  parentRefs: [{name: edge}]
  hostnames: [forgotten.example.com]
  rules: [{backendRefs: [{name: task, port: 80}]}]
---
apiVersion: tidegate.dev/v1alpha1
kind: ApimPolicy
metadata: {name: forgotten, namespace: tasks}
spec:
  targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: forgotten}]
  policy: {inline: "<policies><inbound /><backend><forward-request /></backend></policies>"}
"""
IDENTITY = {"X-User-OID": ADA, "X-User-TID": TENANT, "X-User-Roles": "Admin"}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("attacks")
    (folder / "unguarded.yaml").write_text(UNGUARDED)
    with running(folder, [TASKS / "manifests", folder / "unguarded.yaml"], "--run") as started:
        yield started


def raw(system: System, request: bytes) -> bytes:
    """What the gateway answers to these bytes, until it closes or has said nothing more for a second."""
    host, _, port = system.url().removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(request)
        answer = b""
        try:
            while data := connection.recv(65536):
                answer += data
                connection.settimeout(1)
        except TimeoutError:
            pass
    return answer


@pytest.mark.parametrize(
    "vouched", [{}, {"X-Gateway-Headers": "x-user-oid,x-user-tid,x-user-roles"}, {"X_Gateway_Headers": "x-user-oid"}]
)
def test_a_route_without_a_policy_lends_nobody_an_identity(system: System, vouched: dict[str, str]) -> None:
    """The gateway proves itself there too; the headers are the client's, and the service knows."""
    headers = {"Host": "forgotten.example.com", **IDENTITY, **vouched}
    answer = httpx2.get(f"{system.url()}/tasks", headers=headers, trust_env=False)
    assert answer.status_code == 401
    assert answer.json()["reason"] == "unvouched"


@pytest.mark.parametrize(
    "path",
    [
        *("/tasks/../audit/entries", "//tasks", "/./tasks", "/%74asks", "/tasks/%2e%2e/tasks", "/tasks/..;/x"),
        *("/tasks/..%2faudit", "/tasks%5c..%5caudit", "/tasks%00", "/tasks#/x", "http://other/tasks", "*", "tasks"),
        *("/tasks;x=1", "/TASKS", "/tasks.", "/audit/../../tasks"),
    ],
)
def test_no_spelling_of_a_path_leads_around_its_policy(system: System, path: str) -> None:
    answer = raw(system, f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert answer.split(b" ")[1] in {b"400", b"401", b"404"}, answer


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: +5\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        b"Transfer-Encoding: \x0bchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
    ],
)
def test_no_request_is_smuggled_behind_another(system: System, head: bytes) -> None:
    """One answer, a refusal, and the connection ends."""
    smuggled = b"0\r\n\r\nGET /tasks HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = raw(system, b"POST /tasks HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n" + smuggled)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.split(b" ")[1] in {b"400", b"501"}


@pytest.mark.parametrize(
    "head",
    [
        b"OPTIONS /tasks HTTP/1.1\r\nHost: a\r\nOrigin: http://localhost:5173\r\n",
        b"GET /tasks HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
        b"GET /tasks HTTP/1.1\r\nHost: a\r\nConnection: x-user-oid, x-gateway-authorization\r\n",
        b"TRACE /tasks HTTP/1.1\r\nHost: a\r\n",
    ],
)
def test_no_method_or_upgrade_needs_no_token(system: System, head: bytes) -> None:
    assert raw(system, head + b"\r\n").startswith(b"HTTP/1.1 401 ")


def test_one_long_header_does_not_stop_the_gateway(system: System) -> None:
    """An origin of 50 kB of digits once held a worker for a minute."""
    began = time.perf_counter()
    answer = raw(system, b"GET /tasks HTTP/1.1\r\nHost: a\r\nOrigin: http://" + b"1" * 50_000 + b"/\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 ")
    assert time.perf_counter() - began < 20


def test_the_state_directory_is_its_owners_alone(system: System) -> None:
    assert system.state.stat().st_mode & 0o077 == 0
    for name in ("ca-key.pem", "directory.json", "tidegate.sock", "identity.sock", "envoy-admin.sock"):
        place = system.state / name if (system.state / name).exists() else system.socket_path(name)
        assert Path(place).stat().st_mode & 0o077 == 0, name
