"""A server whose answers the benchmarks' clients are tested on."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest


class Teapot(http.server.BaseHTTPRequestHandler):
    """200 at `/`, 418 elsewhere."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 418)
        self.send_header("Content-Length", "0")
        self.send_header("X-Host", self.headers["host"])
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Teapot) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
