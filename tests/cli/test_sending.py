"""`explain --send` against a server that is no Tidegate; against a real one, tests/e2e/test_traces.py."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tidegate.cli.failure import Failure
from tidegate.cli.sending import send
from tidegate.runtime.traces import HEADER, prepare_traces, read_token


class Echo(http.server.BaseHTTPRequestHandler):
    """Tells what came."""

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        lines = [self.path, self.headers.get(HEADER, ""), self.headers.get("X-A", ""), body.decode()]
        content = "\n".join(lines).encode()
        self.send_response(207)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal of the tests."""


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Echo) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


def test_the_request_goes_out_as_it_was_asked_for(server: str, tmp_path: Path) -> None:
    """With the token of the instance here; an answer without a trace says where to look instead."""
    prepare_traces(tmp_path / "traces", tmp_path / "trace-token")
    told = send(str(tmp_path), method="PUT", url=f"http://{server}/a?b=c", headers={"X-A": "1"}, body="tea")
    assert told["json"]["status"] == 207
    assert told["text"].startswith("HTTP 207\n")
    assert told["text"].split("\n\n")[1].splitlines() == ["/a?b=c", read_token(tmp_path / "trace-token"), "1", "tea"]
    assert f"no policy ran: `tidegate explain PUT http://{server}/a?b=c` shows the route" in told["text"]


def test_a_url_may_lack_its_scheme_and_path_and_the_instance_its_token(server: str, tmp_path: Path) -> None:
    """HTTP, and `/`."""
    told = send(str(tmp_path), method="PUT", url=server, headers={}, body=None)
    assert told["text"].split("\n\n", 1)[1].splitlines()[:2] == ["/", "1"]


def test_no_answer_is_the_environments_failure(server: str, tmp_path: Path) -> None:
    """Also where the server does not speak TLS."""
    with pytest.raises(Failure, match=rf"{server} gave no answer: ") as failed:
        send(str(tmp_path), method="PUT", url=f"https://{server}/", headers={}, body=None)
    assert failed.value.exit_code == 3
