"""quota-by-key in real Envoy: calls, bytes, what counts when, and what survives."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from policy_envoy import Lab, running_lab
from policy_programs import document_text, set_header

pytestmark = pytest.mark.e2e

HEADER_KEY = '@(context.Request.Headers.GetValueOrDefault("X-Key", "nobody"))'


def quota(limits: str = "calls='3'", period: str = "3600", key: str | None = None, more: str = "") -> str:
    """The policy, with a key of its own unless one is given."""
    key = key or f"test-{uuid4()}"
    return f"<quota-by-key {limits} renewal-period='{period}' counter-key='{key}' {more} />"


def test_the_call_beyond_the_quota(lab: Lab) -> None:
    """403 with API Management's body and Retry-After; LastError says which policy it was; another key passes."""
    show = set_header("X-Reason", '@(context.LastError.Reason + " " + context.LastError.Source)')
    route = lab.serve(document_text(quota(key=HEADER_KEY), on_error=show))
    key = ("X-Key", str(uuid4()))
    assert [route.get(key).status for _ in range(5)] == [200, 200, 200, 403, 403]
    answer = route.get(key)
    seconds = int(answer.header("retry-after") or "")
    assert 1 <= seconds <= 3600
    message = answer.json["message"]
    assert (answer.json["statusCode"], answer.header("x-reason")) == (403, "QuotaExceeded quota-by-key")
    assert message.startswith("Out of call volume quota. Quota will be replenished in 0")
    assert message.endswith(f":{seconds % 60:02}.")
    assert route.get(("X-Key", str(uuid4()))).status == 200


def test_quota_without_end(lab: Lab) -> None:
    """A renewal-period of 0 never renews, so there is nothing to wait for."""
    route = lab.serve(document_text(quota("calls='1'", "0")))
    assert route.get().status == 200
    answer = route.get()
    assert (answer.status, answer.header("retry-after")) == (403, None)
    assert answer.json["message"] == "Out of call volume quota."


def test_exact_under_concurrency(lab: Lab) -> None:
    """Sixteen clients on two workers: exactly as many pass as may."""
    route = lab.serve(document_text(quota("calls='100'")))
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: route.get().status, range(150)))
    assert (statuses.count(200), statuses.count(403)) == (100, 50)


def test_counts_once_for_a_key(lab: Lab) -> None:
    """However many policies of a request name it."""
    key = str(uuid4())
    route = lab.serve(document_text(quota(key=key) + quota("calls='9'", key=key) + quota(key=key)))
    assert [route.get().status for _ in range(4)] == [200, 200, 200, 403]


def test_counts_what_the_answer_says(lab: Lab) -> None:
    """A condition on the response counts the backend's, and answers of our own."""
    condition = "increment-condition='@(context.Response.StatusCode >= 400)'"
    key = str(uuid4())
    route = lab.serve(document_text(quota("calls='2'", key=key, more=condition)))
    assert [route.get(path="?status=200").status for _ in range(4)] == [200] * 4
    assert [route.get(path="?status=404").status for _ in range(2)] == [404, 404]
    assert route.get(path="?status=200").status == 403
    key = str(uuid4())
    failing = set_header("X-A", '@(context.Request.Headers["No"][0])')
    refused = lab.serve(document_text(quota("calls='2'", key=key, more=condition) + failing))
    assert [refused.get().status for _ in range(4)] == [500, 500, 403, 403]


def test_counts_what_an_expression_says(lab: Lab) -> None:
    """A request may count several times, or not at all."""
    more = (
        "increment-condition='@(context.Request.Method != \"PUT\")' "
        "increment-count='@(context.Request.Method == \"POST\" ? 2 : 1)'"
    )
    route = lab.serve(document_text(quota("calls='4'", more=more)))
    methods = ("PUT", "POST", "PUT", "GET", "POST", "GET", "GET")
    assert [route.get(method=method).status for method in methods] == [200, 200, 200, 200, 403, 200, 403]


def test_bandwidth(lab: Lab) -> None:
    """Bodies of both directions count, those of unknown length too; what is under way passes."""
    route = lab.serve(document_text(quota("bandwidth='2'")))
    body = f"?body={'x' * 900}"
    assert [route.get(path=body).status for _ in range(3)] == [200, 200, 200]
    answer = route.get(path=body)
    assert answer.status == 403
    assert answer.json["message"].startswith("Out of bandwidth quota. Quota will be replenished in ")
    heads = lab.serve(document_text(quota("bandwidth='1'")))
    assert [heads.get(path=body, method="HEAD").status for _ in range(4)] == [200] * 4


def test_survives_envoy_being_killed(tmp_path: Path) -> None:
    """The next Envoy counts on where the last one was shot."""
    document = document_text(quota("calls='2'", "0", key="k"))
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with running_lab(first) as lab:
        assert lab.serve(document).get().status == 200
    for file in first.glob("shared-memory*"):
        shutil.copy(file, second)
    with running_lab(second) as lab:
        assert [lab.serve(document).get().status for _ in range(2)] == [200, 403]


def test_numbers_out_of_range_refuse(lab: Lab) -> None:
    """A computed number that makes no sense lets nobody through."""
    assert lab.serve(document_text(quota("calls='@(-1)'"))).get().status == 500
