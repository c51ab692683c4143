"""llm-token-limit in real Envoy: what an answer's usage counts, and what is told of it."""

from __future__ import annotations

from urllib.parse import quote
from uuid import uuid4

import pytest

from policy_envoy import Answer, Lab, Route
from policy_programs import document_text, set_header

pytestmark = pytest.mark.e2e

NAMES = (
    "remaining-tokens-header-name='X-Left' tokens-consumed-header-name='X-Used' "
    "remaining-quota-tokens-header-name='X-Quota' retry-after-header-name='X-Again'"
)


def limit(more: str, *, name: str = "llm-token-limit", estimate: str = "false") -> str:
    return f"<{name} counter-key='{uuid4()}' estimate-prompt-tokens='{estimate}' {NAMES} {more} />"


def ask(
    route: Route, text: str = '{"usage":{"prompt_tokens":3,"total_tokens":40}}', kind: str = "application/json"
) -> Answer:
    """A call whose answer is this text."""
    return route.get(path=f"?header=Content-Type:{kind}&body={quote(text)}")


@pytest.mark.parametrize("name", ["llm-token-limit", "azure-openai-token-limit"])
def test_tokens_of_a_minute(lab: Lab, name: str) -> None:
    """Counted when the answer is known, so the call that passes the limit is answered, and the next one refused."""
    route = lab.serve(document_text(limit("tokens-per-minute='100'", name=name)))
    answers = [ask(route) for _ in range(4)]
    assert [a.status for a in answers] == [200, 200, 200, 429]
    assert [a.header("x-left") for a in answers] == ["100", "60", "20", "0"]
    assert [a.header("x-used") for a in answers] == ["40", "40", "40", None]
    seconds = answers[3].header("x-again")
    assert answers[3].json["message"] == f"Token limit is exceeded. Try again in {seconds} seconds."


def test_quota(lab: Lab) -> None:
    """403, with the time until the period ends; on-error knows why."""
    show = set_header("X-Reason", "@(context.LastError.Reason)")
    route = lab.serve(document_text(limit("token-quota='50' token-quota-period='Monthly'"), on_error=show))
    answers = [ask(route) for _ in range(3)]
    assert [a.status for a in answers] == [200, 200, 403]
    assert [a.header("x-quota") for a in answers] == ["50", "10", "0"]
    assert 1 <= int(answers[2].header("x-again") or 0) <= 31 * 86400
    assert answers[2].header("x-reason") == "TokenQuotaExceeded"


def test_streams_tell_at_their_end(lab: Lab) -> None:
    """Events pass, and the usage in the last of them counts."""
    route = lab.serve(document_text(limit("tokens-per-minute='100'")))
    events = 'data: {"choices":[]}\n\ndata: {"usage":{"total_tokens":70}}\n\ndata: [DONE]\n\n'
    assert [ask(route, events, "text/event-stream").status for _ in range(3)] == [200, 200, 429]


def test_answers_that_tell_nothing_are_estimated(lab: Lab) -> None:
    """A token for every four bytes; errors cost nothing."""
    route = lab.serve(document_text(limit("tokens-per-minute='100'")))
    assert ask(route, "x" * 398).header("x-used") == "100"
    assert ask(route).status == 429
    free = lab.serve(document_text(limit("tokens-per-minute='1'")))
    assert [free.get(path="?status=500").status for _ in range(3)] == [500] * 3


@pytest.mark.parametrize(
    ("period", "moment", "expected"),
    [
        ("Hourly", 0, (0, 3600)),
        ("Weekly", 0, (345600, 604800)),
        ("Monthly", 1709251199, (1706745600, 29 * 86400)),
        ("Monthly", 1709251200, (1709251200, 31 * 86400)),
        ("Monthly", 1767225599, (1764547200, 31 * 86400)),
        ("Yearly", 1709251200, (1704067200, 366 * 86400)),
        ("Yearly", 1767225600, (1767225600, 365 * 86400)),
    ],
)
def test_windows_of_the_calendar(period: str, moment: int, expected: tuple[int, int]) -> None:
    """UTC's months and years, also leap ones."""
    from expression_lab import runtime

    vm = runtime()
    vm.execute(f"R.wall_clock = function() return {moment} end".encode())
    assert tuple(vm.globals().R.calendar_window(period.encode())) == expected
