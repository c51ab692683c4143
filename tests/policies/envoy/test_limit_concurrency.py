"""limit-concurrency in real Envoy with two workers: who is inside, who is turned away, and that nobody stays."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from policy_envoy import Lab, Route
from policy_programs import document_text, set_header

pytestmark = pytest.mark.e2e


def around_forward(most: int, *, timeout: int = 1) -> str:
    """A document that lets so many requests at once to the backend."""
    return document_text(
        backend=f"<limit-concurrency key='{uuid4()}' max-count='{most}'>"
        f"<forward-request timeout='{timeout}' /></limit-concurrency>"
    )


@pytest.mark.parametrize("most", [1, 5])
def test_exactly_so_many_are_inside(lab: Lab, most: int) -> None:
    """While a backend does not answer, the next ones are refused at once; when it has timed out, there is room."""
    route = lab.serve(around_forward(most), cluster="silent")
    for _ in range(2):
        with ThreadPoolExecutor(12) as pool:
            statuses = list(pool.map(lambda _: route.get().status, range(12)))
        assert (statuses.count(504), statuses.count(429)) == (most, 12 - most)


def test_the_answer_of_who_is_refused(lab: Lab) -> None:
    """API Management's shape; on-error sees why."""
    key = str(uuid4())
    inner = f"<limit-concurrency key='{key}' max-count='1'>{set_header('X-A', 'a')}</limit-concurrency>"
    nested = f"<limit-concurrency key='{key}' max-count='1'>{inner}</limit-concurrency>"
    show = set_header("X-Error", '@(context.LastError.Source + " " + context.LastError.Reason)')
    answer = lab.serve(document_text(nested, on_error=show)).get()
    assert (answer.status, answer.json) == (429, {"statusCode": 429, "message": "Concurrency limit is exceeded."})
    assert answer.header("x-error") == "limit-concurrency ConcurrencyLimitExceeded"


@pytest.mark.parametrize("inside", [set_header("X-A", '@(context.Request.Headers["None"][0])'), "<return-response />"])
def test_failures_and_answers_leave(lab: Lab, inside: str) -> None:
    """However the element ends."""
    text = document_text(f"<limit-concurrency key='{uuid4()}' max-count='1'>{inside}</limit-concurrency>")
    route = lab.serve(text)
    assert {route.get().status for _ in range(12)} <= {200, 500}


def test_in_outbound(lab: Lab) -> None:
    """The same in the response."""
    inside = f"<limit-concurrency key='{uuid4()}' max-count='1'>{set_header('X-A', 'a')}</limit-concurrency>"
    route = lab.serve(document_text(outbound=inside))
    assert [(a.status, a.header("x-a")) for a in (route.get() for _ in range(8))] == [(200, "a")] * 8


def test_clients_that_go_away_leave(lab: Lab) -> None:
    """A request whose client is gone is found long before the call that it waits for would have ended."""
    patient = {"route": {"cluster": "silent", "timeout": "600s"}}
    route = lab.serve(around_forward(1, timeout=240), action=patient)
    started = time.monotonic()
    for _ in range(4):
        while _is_refused(route):
            assert time.monotonic() - started < 120


def _is_refused(route: Route) -> bool:
    """Whether a request gets 429. One that is let in is left at once: its client goes away while the backend thinks."""
    with socket.create_connection(("127.0.0.1", route.port), timeout=60) as client:
        client.sendall(f"GET {route.path} HTTP/1.1\r\nHost: gateway.test\r\n\r\n".encode())
        client.settimeout(0.5)
        try:
            answer = client.recv(100)
        except TimeoutError:
            return False
    assert answer.startswith(b"HTTP/1.1 429 ")
    return True
