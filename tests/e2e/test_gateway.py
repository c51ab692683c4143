"""The gateway on a small manifest of its own: routing, reloads, crashes. No policies, one recording backend."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from system import System, alive, descendants, free_offset, running, spawn, tidegate, until, wait_ready

pytestmark = pytest.mark.e2e


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with what it received, as JSON."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps(
            {
                "backend": self.server.server_port,  # type: ignore[attr-defined]  # HTTPServer has it
                "path": self.path,
                "headers": [[name.lower(), value] for name, value in self.headers.items()],
            }
        ).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class EchoServer(http.server.ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


@pytest.fixture(scope="module")
def backends() -> Iterator[list[int]]:
    servers = [EchoServer(("127.0.0.1", 0), Echo) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield [server.server_port for server in servers]
    for server in servers:
        server.shutdown()
        server.server_close()


def manifest(ports: list[int], *, prefix: str = "/", extra: str = "") -> str:
    endpoints = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"""\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: edge, namespace: shop}}
spec:
  gatewayClassName: tidegate
  listeners: [{{name: http, port: 80, protocol: HTTP}}]
---
apiVersion: v1
kind: Service
metadata: {{name: cart, namespace: shop, annotations: {{tidegate.dev/endpoints: "{endpoints}"}}}}
spec: {{ports: [{{port: 80}}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: cart, namespace: shop}}
spec:
  parentRefs: [{{name: edge}}]
  rules:
    - matches: [{{path: {{type: PathPrefix, value: {prefix}}}}}]
      backendRefs: [{{name: cart, port: 80}}]
{extra}"""


def write(path: Path, text: str) -> None:
    """As editors save: a new file renamed over the old one."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(path)


@pytest.fixture
def shop(tmp_path: Path, backends: list[int]) -> Iterator[tuple[System, Path]]:
    file = tmp_path / "in" / "shop.yaml"
    file.parent.mkdir()
    write(file, manifest(backends[:1]))
    with running(tmp_path / "run", [file.parent]) as system:
        yield system, file


class Load:
    """About 200 requests a second over kept connections until told to stop; counts what was not a 200."""

    def __init__(self, url: str, *, connections: int = 4) -> None:
        self._url = url
        self._stop = threading.Event()
        self.answered = 0
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(connections)]

    def _run(self) -> None:
        with httpx2.Client(trust_env=False, timeout=60) as client:
            while not self._stop.wait(len(self._threads) / 200):
                try:
                    answer = client.get(self._url)
                except httpx2.HTTPError as error:
                    self.failures.append(repr(error))
                    continue
                self.answered += 1
                if answer.status_code != 200:
                    self.failures.append(f"{answer.status_code} {answer.text[:200]}")

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(15)


def get(url: str, **headers: str) -> httpx2.Response:
    return httpx2.get(url, headers=headers, trust_env=False, timeout=60)


def test_a_request_reaches_the_backend_and_the_gateway_proves_itself(shop: tuple[System, Path]) -> None:
    """The forged proof of a client never arrives; the gateway's own does."""
    system, _ = shop
    answer = get(system.url("shop/edge") + "/a?b=c", **{"X-Gateway-Authorization": "Bearer forged"})
    assert answer.status_code == 200
    got = answer.json()
    assert got["path"] == "/a?b=c"
    proofs = [value for name, value in got["headers"] if name == "x-gateway-authorization"]
    assert len(proofs) == 1
    assert proofs[0].startswith("Bearer eyJ")


def test_status_and_explain_tell_what_runs(shop: tuple[System, Path]) -> None:
    system, _ = shop
    items = {item["kind"]: item for item in system.status()["items"]}
    conditions = {c["type"]: c["status"] for c in items["Gateway"]["status"]["conditions"]}
    assert conditions["Accepted"] == "True"
    assert conditions["Programmed"] == "True"
    assert items["Gateway"]["status"]["listeners"][0]["attachedRoutes"] == 1
    done = tidegate("explain", "GET", system.url("shop/edge") + "/x", "--state", str(system.state))
    assert done.returncode == 0, done.stderr
    assert "shop/cart" in done.stdout


def test_a_change_is_live_without_a_failed_request(shop: tuple[System, Path], backends: list[int]) -> None:
    """20 edits of a live route under load: each takes effect, no request fails."""
    system, file = shop
    base = system.url("shop/edge")
    with Load(base + "/") as load:
        for turn in range(20):
            wanted = backends[turn % 2]
            write(file, manifest([wanted]))
            until(lambda wanted=wanted: get(base).json()["backend"] == wanted, what=f"edit {turn}")
        until(lambda: load.answered >= 200, what="200 answers under load")
    assert load.failures == []


def test_a_broken_change_keeps_the_last_good_configuration_and_says_so(
    shop: tuple[System, Path], backends: list[int]
) -> None:
    system, file = shop
    base = system.url("shop/edge")
    write(file, manifest(backends[:1]).replace("backendRefs:", "backendRef:"))
    until(lambda: "did you mean `backendRefs`" in system.log(), what="the diagnostic")
    assert "shop.yaml:20:7" in system.log()
    assert get(base).json()["backend"] == backends[0]
    write(file, manifest(backends[:1]) + "\n  : [")
    until(lambda: "shop.yaml:2" in system.log().partition("backendRefs`")[2], what="the YAML diagnostic")
    assert get(base).status_code == 200
    write(file, manifest(backends[1:]))
    until(lambda: get(base).json()["backend"] == backends[1], what="the corrected file")


def test_envoy_refusing_a_resource_is_shown_on_the_users_line(shop: tuple[System, Path], backends: list[int]) -> None:
    """A regular expression that RE2 refuses, whoever notices first."""
    system, file = shop
    bad = manifest(backends[:1]).replace("type: PathPrefix, value: /", "type: RegularExpression, value: '/(a'")
    write(file, bad)
    until(lambda: "shop.yaml:19" in system.log() and "TG" in system.log(), what="a diagnostic at the line")
    assert get(system.url("shop/edge")).status_code == 200


def test_killed_envoy_comes_back(shop: tuple[System, Path]) -> None:
    system, _ = shop
    base = system.url("shop/edge")
    first = system.pid_of("envoy-bootstrap")
    os.kill(first, signal.SIGKILL)

    def back() -> bool:
        try:
            return get(base).status_code == 200 and system.pid_of("envoy-bootstrap") != first
        except (httpx2.HTTPError, AssertionError):
            return False

    until(back, what="Envoy serving again")


def test_traffic_goes_on_while_the_control_plane_is_killed(shop: tuple[System, Path], backends: list[int]) -> None:
    """kill -9 of the control process: no request fails, and the new one follows file changes again."""
    system, file = shop
    base = system.url("shop/edge")
    first = system.pid_of("runtime.control")
    with Load(base + "/") as load:
        os.kill(first, signal.SIGKILL)
        until(
            lambda: any("runtime.control" in c and pid != first for pid, c in system.descendants().items()),
            what="a new control process",
        )
        write(file, manifest(backends[1:]))
        until(lambda: get(base).json()["backend"] == backends[1], what="a change after the restart")
        until(lambda: load.answered >= 100, what="100 answers under load")
    assert load.failures == []


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path, backends: list[int]) -> None:
    file = tmp_path / "shop.yaml"
    write(file, manifest(backends[:1]))
    system = wait_ready(spawn(tmp_path / "run", [file]))
    children = set(descendants(system.process.pid))
    assert len(children) >= 3
    system.process.kill()
    system.process.wait()
    until(lambda: not [pid for pid in children if alive(pid)], what="the children's end")


def test_a_second_up_on_the_same_state_says_so(shop: tuple[System, Path]) -> None:
    system, file = shop
    done = tidegate("up", str(file), "--state", str(system.state), "--port-offset", str(free_offset()))
    assert done.returncode == 3
    assert str(system.process.pid) in done.stderr
    assert "Traceback" not in done.stderr
    assert get(system.url("shop/edge")).status_code == 200


def test_a_port_in_use_is_one_clear_line(tmp_path: Path, backends: list[int]) -> None:
    file = tmp_path / "shop.yaml"
    write(file, manifest(backends[:1]))
    offset = free_offset()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 80 + offset))
        taken.listen()
        done = tidegate("up", str(file), "--state", str(tmp_path / "state"), "--port-offset", str(offset))
    assert done.returncode == 3
    assert f"127.0.0.1:{80 + offset}" in done.stderr
    assert "Traceback" not in done.stderr


def test_strict_stops_on_an_error_and_up_serves_the_rest(tmp_path: Path, backends: list[int]) -> None:
    """Malformed at a first start: that route answers 503, the others are served; --strict stops with 1."""
    file = tmp_path / "in" / "shop.yaml"
    file.parent.mkdir()
    bad = """---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: bad, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  rules:
    - matches: [{path: {type: PathPrefix, value: /bad}}]
      filters: [{type: Teleport}]
      backendRefs: [{name: cart, port: 80}]
"""
    write(file, manifest(backends[:1], extra=bad))
    done = tidegate(
        "up", str(file.parent), "--strict", "--state", str(tmp_path / "s"), "--port-offset", str(free_offset())
    )
    assert done.returncode == 1
    with running(tmp_path / "run", [file.parent]) as system:
        base = system.url("shop/edge")
        assert get(base + "/").status_code == 200
        assert get(base + "/bad/x").status_code == 503


def test_state_survives_kill_and_keys_stay(tmp_path: Path, backends: list[int]) -> None:
    """kill -9 of everything, again: the second run publishes the same signing keys and the same CA."""
    file = tmp_path / "shop.yaml"
    write(file, manifest(backends[:1]))
    offset = free_offset()

    def kids(system: System) -> set[str]:
        url = f"{system.authority}/gateway/discovery/keys"
        keys = httpx2.get(url, verify=system.tls(), trust_env=False).json()["keys"]
        return {key["kid"] for key in keys}

    system = wait_ready(spawn(tmp_path / "run", [file], offset=offset))
    first, ca = kids(system), Path(system.ready["identity"]["ca"]).read_bytes()
    children = set(descendants(system.process.pid))
    system.process.kill()
    system.process.wait()
    until(lambda: not [pid for pid in children if alive(pid)], what="the children's end")
    with running(tmp_path / "run", [file], offset=offset) as again:
        assert kids(again) == first
        assert Path(again.ready["identity"]["ca"]).read_bytes() == ca


def test_ctrl_c_stops_at_once_and_leaves_nothing(tmp_path: Path, backends: list[int]) -> None:
    file = tmp_path / "shop.yaml"
    write(file, manifest(backends[:1]))
    system = wait_ready(spawn(tmp_path / "run", [file]))
    children = set(descendants(system.process.pid))
    began = time.monotonic()
    assert system.stop() == 0
    assert not [pid for pid in children if alive(pid)]
    assert not system.ready_file.exists()
    assert time.monotonic() - began < 30  # a bound on hanging, no measure of speed
