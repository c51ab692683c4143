"""rate-limit-by-key in real Envoy, with two workers that share the counters."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from policy_envoy import Lab, running_lab
from policy_programs import document_text, set_header

pytestmark = pytest.mark.e2e


def limit(calls: str = "3", period: str = "60", key: str | None = None, more: str = "") -> str:
    """The policy, with a key of its own unless one is given."""
    key = key or f"test-{uuid4()}"
    return f"<rate-limit-by-key calls='{calls}' renewal-period='{period}' counter-key='{key}' {more} />"


HEADER_KEY = '@(context.Request.Headers.GetValueOrDefault("X-Key"))'


def test_the_call_beyond_the_limit(lab: Lab) -> None:
    """429 with API Management's body and Retry-After; another key passes."""
    route = lab.serve(document_text(limit(key=HEADER_KEY)))
    key = ("X-Key", str(uuid4()))
    assert [route.get(key).status for _ in range(5)] == [200, 200, 200, 429, 429]
    answer = route.get(key)
    seconds = int(answer.header("retry-after") or "")
    assert 55 <= seconds <= 60
    assert answer.json == {
        "statusCode": 429,
        "message": f"Rate limit is exceeded. Try again in {seconds} seconds.",
    }
    assert route.get(("X-Key", str(uuid4()))).status == 200


@pytest.mark.parametrize("calls", [100, 300])
def test_exact_under_concurrency(lab: Lab, calls: int) -> None:
    """Sixteen clients on two workers: exactly as many pass as may, both in the exact log and beyond its size."""
    route = lab.serve(document_text(limit(str(calls))))
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: route.get().status, range(calls + 80)))
    assert (statuses.count(200), statuses.count(429)) == (calls, 80)


def test_one_counter_for_a_key_everywhere(lab: Lab) -> None:
    """Two programs that name the same key count together."""
    key = str(uuid4())
    first, second = (lab.serve(document_text(limit("3", period, key))) for period in ("60", "120"))
    assert [r.get().status for r in (first, second, first, second, first)] == [200, 200, 200, 429, 429]


def test_window_slides(lab: Lab) -> None:
    """After the period the calls are forgotten, one by one."""
    route = lab.serve(document_text(limit("2", "1")))
    statuses = [route.get().status for _ in range(3)]
    assert statuses == [200, 200, 429]
    while route.get().status == 429:
        pass
    assert [route.get().status for _ in range(3)].count(429) >= 1


def test_refused_calls_are_not_counted(lab: Lab) -> None:
    """A client that keeps on knocking is let in when its window allows it."""
    route = lab.serve(document_text(limit("1", "1")))
    assert route.get().status == 200
    knocks = 0
    while route.get().status == 429:
        knocks += 1
    assert knocks > 3


def test_headers_and_count(lab: Lab) -> None:
    """Remaining and total calls are told on every answer; a call may count several times."""
    more = (
        'increment-count="2" remaining-calls-header-name="X-Remaining" total-calls-header-name="X-Total" '
        'retry-after-header-name="X-Again"'
    )
    route = lab.serve(document_text(limit("5", more=more)))
    answers = [route.get() for _ in range(3)]
    assert [a.status for a in answers] == [200, 200, 429]
    assert [a.header("x-remaining") for a in answers] == ["3", "1", "1"]
    assert {a.header("x-total") for a in answers} == {"5"}
    assert answers[2].header("x-again")
    assert answers[2].header("retry-after") is None


def test_variables(lab: Lab) -> None:
    """What remains is an int in a variable, for later policies and for on-error."""
    more = 'remaining-calls-variable-name="left" retry-after-variable-name="again"'
    show = set_header("X-Left", '@((int)context.Variables["left"])')
    route = lab.serve(
        document_text(
            limit("2", more=more) + show,
            outbound=set_header("X-Out", '@(context.Variables["left"])'),
            on_error=set_header("X-Wait", '@(context.Variables.GetValueOrDefault<int>("again", -1))'),
        )
    )
    answer = route.get()
    assert (answer.got("x-left"), answer.header("x-out")) == (["1"], "1")
    route.get()
    assert int(route.get().header("x-wait") or "0") > 50


def test_computed_numbers(lab: Lab) -> None:
    """calls and renewal-period may be expressions; numbers out of range refuse the request."""
    calls = '@(context.Request.Headers.ContainsKey("X-Vip") ? 2 : 1)'
    route = lab.serve(document_text(limit(calls, key=HEADER_KEY)))
    key = ("X-Key", str(uuid4()))
    assert [route.get(key).status for _ in range(2)] == [200, 429]
    assert route.get(key, ("X-Vip", "")).status == 200
    wrong = lab.serve(document_text(limit("@(context.Request.Method.Length - 3)" if False else "@(-1)")))
    assert wrong.get().status == 500


def test_missing_key_is_a_key(lab: Lab) -> None:
    """null counts like an empty text: nobody is unlimited for want of a header."""
    route = lab.serve(document_text(limit("1", "2", key=HEADER_KEY)))
    assert [route.get().status for _ in range(2)][1] == 429


def test_without_shared_memory_nothing_passes(tmp_path: Path) -> None:
    """A limit that cannot be counted refuses."""
    with running_lab(tmp_path, shared_memory=False) as lab:
        answer = lab.serve(document_text(limit())).get()
        assert (answer.status, answer.json["message"]) == (500, "Internal server error")
        assert lab.serve(document_text()).get().status == 200
        assert "TIDEGATE_SHARED_MEMORY is not set" in lab.log
