"""Where calls may go: every address that a destination has is the one that is judged. Decision 0016.

Nothing here contacts what it must not reach: what is refused is loopback, behind which a host stands that would answer,
or addresses that are refused before a connection is made.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

import pytest

from policies.envoy.test_send_request import LAST_ERROR, call, returned
from policy_envoy import Answer, Lab

Ask: TypeAlias = Callable[[str], Answer]
HEADER = '@(context.Request.Headers.GetValueOrDefault("x-url", ""))'


@pytest.fixture(scope="module")
def asked(lab: Lab) -> Ask:
    """A route that calls what the client says, and tells what came of it."""
    route = returned(lab, call(HEADER, attributes='timeout="5"'), on_error=LAST_ERROR)
    return lambda url: route.get(("x-url", url))


class Hello(BaseHTTPRequestHandler):
    """Answers."""

    def do_GET(self) -> None:
        self.send_response_only(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest shows enough."""


class Flood(Hello):
    """`/length/N` and `/chunked/N`: N MiB."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        _, kind, count = self.path.split("/")
        self.send_response_only(200)
        chunked = kind == "chunked"
        name, value = ("transfer-encoding", "chunked") if chunked else ("content-length", str(int(count) << 20))
        self.send_header(name, value)
        self.end_headers()
        block = b"x" * (1 << 20)
        try:
            for _ in range(int(count)):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block) if chunked else block)
            if chunked:
                self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True


class Server6(ThreadingHTTPServer):
    address_family = socket.AF_INET6


REFUSED = (
    "http://127.0.0.1:{origin}",
    "http://127.0.0.2:{origin}",
    "http://[::1]:{origin}",
    "http://[::ffff:127.0.0.1]:{origin}",
    "http://[::ffff:7f00:1]:{origin}",
    "http://[::127.0.0.1]:{origin}",
    "http://0.0.0.0:{origin}",
    "http://[::]:{origin}",
    "http://localhost:{origin}",
    "http://LOCALHOST:{origin}",
    "http://loopback.test:{origin}",
    "http://loopback.test.:{origin}",
    "http://loopback6.test:{origin}",
    "http://mapped.test:{origin}",
    "http://many.test:{origin}",
    "http://metadata.test/",
    "http://169.254.169.254/metadata/instance",
    "http://169.254.169.254:80/",
    "https://169.254.169.254/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/",
    "http://168.63.129.16/",
    "http://224.0.0.1/",
    "http://2130706433:{origin}",
    "http://0x7f000001:{origin}",
    "http://0177.0.0.1:{origin}",
    "http://127.1:{origin}",
    "http://user@origin.test:{origin}",
    "http://origin.test:{origin}@127.0.0.1/",
    "http://origin.test\\@127.0.0.1:{origin}/",
    "//127.0.0.1:{origin}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{origin}/",
    "",
)


@pytest.mark.parametrize("url", REFUSED)
def test_refused(lab: Lab, asked: Ask, url: str) -> None:
    answer = asked(url.format(origin=lab.ports["origin"]))
    assert answer.status in (500, 504), answer
    assert answer.header("x-reason") in ("BackendConnectionFailure", "ExpressionValueEvaluationFailure", "Timeout")


def test_allowed_names_and_what_they_stand_for(lab: Lab, asked: Ask) -> None:
    assert asked(lab.url()).status == 200
    # A name that is allowed says nothing of others that share the address.
    assert asked(lab.url(host="loopback.test")).status == 500
    assert asked(lab.url(host="origin.test.evil.test")).status == 500
    refused = asked(f"http://127.0.0.1:{lab.ports['origin']}")
    assert "--allow-egress" in (refused.header("x-message") or "")


def test_names_that_change_what_they_stand_for(lab: Lab, asked: Ask) -> None:
    """What was judged is what is connected to, whatever a name server says next."""
    before = len(lab.egress.names.asked)
    answers = {asked(lab.url(host="rebind.test")).status for _ in range(20)}
    assert answers == {500}
    assert len(lab.egress.names.asked) > before


def test_networks_that_are_allowed(lab: Lab, asked: Ask) -> None:
    server = ThreadingHTTPServer(("127.0.0.9", 0), Hello)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    try:
        assert asked(f"http://127.0.0.9:{port}/").status == 200
        assert asked(f"http://open.test:{port}/").status == 200
        assert asked(f"http://127.0.0.10:{port}/").status == 500
    finally:
        server.shutdown()
        server.server_close()


def test_over_ipv6(lab: Lab, asked: Ask) -> None:
    try:
        server = Server6(("::1", 0), Hello)
    except OSError:
        pytest.skip("this machine has no IPv6")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    try:
        assert asked(f"http://six.test:{port}/").status == 200
        assert asked(f"http://[::1]:{port}/").status == 500
        assert asked(f"http://loopback6.test:{port}/").status == 500
    finally:
        server.shutdown()
        server.server_close()


def test_answers_that_do_not_fit_are_failures(lab: Lab) -> None:
    """What a call brings is held in memory: 8 MiB, with or without a length."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Flood)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    route = returned(lab, call(HEADER, attributes='timeout="60"'), on_error=LAST_ERROR)
    try:
        for kind in ("length", "chunked"):
            answer = route.get(("x-url", f"http://origin.test:{server.server_address[1]}/{kind}/9"))
            assert (answer.status, answer.header("x-reason")) == (500, "BackendConnectionFailure")
            small = route.get(("x-url", f"http://origin.test:{server.server_address[1]}/{kind}/2"))
            assert (small.status, len(small.body)) == (200, 2 << 20)
    finally:
        server.shutdown()
        server.server_close()


def test_the_host_header_chooses_no_destination(lab: Lab) -> None:
    host = (
        '<set-header name="Host"><value>@(context.Request.Headers.GetValueOrDefault("x-host", ""))</value></set-header>'
    )
    route = returned(lab, call(lab.url(), host))
    answer = route.get(("x-host", "virtual.example"))
    assert [value for name, value in answer.received if name == "host"] == ["virtual.example"]
    refused = returned(lab, call(lab.url(host="loopback.test"), host)).get(
        ("x-host", f"origin.test:{lab.ports['origin']}")
    )
    assert refused.status == 500


def test_clients_cannot_say_where_to(lab: Lab) -> None:
    """What the lab's listener lets through, the product's removes; even so the headers of a program win."""
    route = returned(lab, call(lab.url(), attributes='mode="copy"'))
    answer = route.get(("x-envoy-tidegate-host", "127.0.0.1:1"), ("x-envoy-tidegate-kind", "forward"))
    assert answer.status == 200
