"""Ctrl-C in the middle of a request: it is answered, then everything ends."""

from __future__ import annotations

import http.server
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from system import running, until

pytestmark = pytest.mark.e2e


class Slow(http.server.BaseHTTPRequestHandler):
    """Answers when it is told to."""

    protocol_version = "HTTP/1.1"
    asked = threading.Event()
    may_answer = threading.Event()

    def do_GET(self) -> None:
        self.asked.set()
        self.may_answer.wait(20)
        self.send_response(200)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"done")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def backend() -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_request_that_has_begun_is_answered_before_the_end(tmp_path: Path, backend: int) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(f"""\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {{name: edge, namespace: shop}}
spec:
  gatewayClassName: tidegate
  listeners: [{{name: http, port: 80, protocol: HTTP}}]
---
apiVersion: v1
kind: Service
metadata: {{name: cart, namespace: shop, annotations: {{tidegate.dev/endpoints: "127.0.0.1:{backend}"}}}}
spec: {{ports: [{{port: 80}}]}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {{name: cart, namespace: shop}}
spec:
  parentRefs: [{{name: edge}}]
  rules: [{{backendRefs: [{{name: cart, port: 80}}]}}]
""")
    answers: list[int] = []
    with running(tmp_path / "run", [file]) as system:
        url = system.url("shop/edge")
        request = threading.Thread(
            target=lambda: answers.append(httpx2.get(url, trust_env=False, timeout=30).status_code)
        )
        request.start()
        assert Slow.asked.wait(20)
        system.process.send_signal(signal.SIGINT)
        until(lambda: _refuses(url), what="the listener's end")
        Slow.may_answer.set()
        request.join(30)
        assert answers == [200]
        assert system.process.wait(30) == 0


def _refuses(url: str) -> bool:
    """New connections are not accepted any more."""
    try:
        httpx2.get(url, trust_env=False, timeout=0.5)
    except httpx2.ConnectError:
        return True
    except httpx2.HTTPError:
        return False
    return False
