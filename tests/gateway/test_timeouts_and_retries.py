"""HTTPRouteTimeouts and HTTPRouteRetry: how long, how often, and what is never repeated."""

from __future__ import annotations

import pytest

from gateway_lab import Lab
from recording_backends import OK, Reply

pytestmark = pytest.mark.e2e

HANG = Reply(hang=True)
BUSY = Reply(status=503)
CUT = Reply(cut=True)


@pytest.mark.parametrize("timeouts", ["request: 100ms", "backendRequest: 100ms", "request: 1h, backendRequest: 0.1s"])
def test_a_backend_that_takes_too_long_is_504(lab: Lab, timeouts: str) -> None:
    """Gateway Timeout, for the whole request or for one try. The next request is not affected."""
    (v1,) = lab.http("v1")
    v1.replies.append(HANG)
    lab.rules(f"""
        - timeouts: {{{timeouts.replace("0.1s", "100ms")}}}
          backendRefs: [{{name: v1, port: 80}}]
    """)
    assert lab.get().status == 504
    assert lab.get().status == 200


def test_a_timeout_of_zero_is_none(lab: Lab) -> None:
    """GEP-1742: 0s switches a timeout off; the rule beside it keeps its own."""
    slow, _ = lab.http("slow", "quick")
    lab.rules("""
        - {matches: [{path: {value: /off}}], timeouts: {request: 0s}, backendRefs: [{name: slow, port: 80}]}
        - {matches: [{path: {value: /on}}], timeouts: {request: 50ms}, backendRefs: [{name: slow, port: 80}]}
    """)
    slow.default = HANG
    assert lab.get("/on").status == 504
    slow.default = OK
    assert lab.get("/off").status == 200


def test_an_answer_that_stops_in_the_middle_is_cut_off(lab: Lab) -> None:
    """The request timeout runs until the last byte; then the connection ends instead of pretending to be whole."""
    (v1,) = lab.http("v1")
    v1.default = Reply(parts=(b"first", b"never"))
    lab.rules("""
        - {timeouts: {request: 150ms}, backendRefs: [{name: v1, port: 80}]}
    """)
    with pytest.raises(Exception, match=r"IncompleteRead|reset|closed"):
        lab.get()


def test_listed_codes_are_tried_again(lab: Lab) -> None:
    """Up to `attempts` more tries; the client sees only the last answer."""
    (v1,) = lab.http("v1")
    lab.rules("""
        - {retry: {codes: [500, 503], attempts: 2, backoff: 1ms}, backendRefs: [{name: v1, port: 80}]}
    """)
    v1.replies.extend([BUSY, Reply(status=500)])
    assert lab.get().status == 200
    assert len(v1.received) == 3
    v1.forget()
    v1.replies.extend([BUSY, BUSY, BUSY])
    assert lab.get().status == 503
    assert len(v1.received) == 3


def test_other_codes_are_not_tried_again(lab: Lab) -> None:
    """Only what is listed."""
    (v1,) = lab.http("v1")
    lab.rules("""
        - {retry: {codes: [500], attempts: 3, backoff: 1ms}, backendRefs: [{name: v1, port: 80}]}
    """)
    v1.replies.append(BUSY)
    assert lab.get().status == 503
    assert len(v1.received) == 1


def test_broken_connections_are_tried_again(lab: Lab) -> None:
    """HTTPRouteRetry: a disconnect, reset or failed connection is retried wherever retries are configured."""
    (v1,) = lab.http("v1")
    lab.rules("""
        - {retry: {attempts: 2, backoff: 1ms}, backendRefs: [{name: v1, port: 80}]}
    """)
    v1.replies.extend([CUT, CUT])
    assert lab.get().status == 200
    assert len(v1.received) == 3


def test_a_try_that_takes_too_long_is_tried_again(lab: Lab) -> None:
    """backendRequest bounds one try, request all of them."""
    (v1,) = lab.http("v1")
    lab.rules("""
        - timeouts: {request: 5s, backendRequest: 100ms}
          retry: {codes: [503], attempts: 2, backoff: 1ms}
          backendRefs: [{name: v1, port: 80}]
    """)
    v1.replies.extend([HANG, BUSY])
    assert lab.get().status == 200
    assert len(v1.received) == 3


def test_the_request_timeout_ends_all_tries(lab: Lab) -> None:
    """However many are left."""
    (v1,) = lab.http("v1")
    v1.default = HANG
    lab.rules("""
        - timeouts: {request: 250ms, backendRequest: 100ms}
          retry: {attempts: 50, backoff: 1ms}
          backendRefs: [{name: v1, port: 80}]
    """)
    assert lab.get().status == 504
    assert 2 <= len(v1.received) <= 3


def test_without_retry_nothing_that_may_have_worked_is_repeated(lab: Lab) -> None:
    """A POST that a backend may have begun to act on reaches it once."""
    (v1,) = lab.http("v1")
    lab.rules("- backendRefs: [{name: v1, port: 80}]")
    v1.replies.extend([BUSY, CUT])
    assert lab.get(method="POST", body=b"pay").status == 503
    assert lab.get(method="POST", body=b"pay").status in {502, 503}
    assert len(v1.received) == 2


def test_a_body_is_sent_again_whole(lab: Lab) -> None:
    """A retried POST carries its body."""
    (v1,) = lab.http("v1")
    lab.rules("""
        - {retry: {codes: [503], attempts: 1, backoff: 1ms}, backendRefs: [{name: v1, port: 80}]}
    """)
    v1.replies.append(BUSY)
    assert lab.get(method="POST", body=b"x" * 10_000).status == 200
    assert [len(one.body) for one in v1.received] == [10_000, 10_000]
