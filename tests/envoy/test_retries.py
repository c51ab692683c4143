"""Retries in Envoy's shape; tests/compilers/test_forwards.py counts them at a backend."""

from __future__ import annotations

import pytest

from tidegate.envoy.retries import default_retries, retries


def test_unasked_only_what_no_backend_can_have_begun_is_repeated() -> None:
    """Whatever the method."""
    assert default_retries()["retry_on"] == "connect-failure,refused-stream,reset-before-request"
    assert default_retries(per_try_s=0.5)["per_try_timeout"] == "0.5s"
    assert "per_try_timeout" not in default_retries(per_try_s=0)


def test_codes_are_sorted_and_said_once() -> None:
    """Equal rules make equal bytes."""
    made = retries(codes=(503, 500, 503), attempts=None, backoff_s=None)
    assert made["retriable_status_codes"] == [500, 503]
    assert made["retry_on"].endswith(",retriable-status-codes")
    assert "retriable" not in retries(codes=(), attempts=0, backoff_s=None)["retry_on"]
    assert retries(codes=(), attempts=0, backoff_s=None)["num_retries"] == 0


@pytest.mark.parametrize(
    ("backoff_s", "base", "longest"), [(0.1, "0.2s", "2s"), (0.0001, "0.001s", "0.01s"), (30, "60s", "600s")]
)
def test_pauses_are_as_long_as_asked_on_average(backoff_s: float, base: str, longest: str) -> None:
    """Envoy draws between nothing and the interval, and counts whole milliseconds."""
    made = retries(codes=(), attempts=1, backoff_s=backoff_s)
    assert made["retry_back_off"] == {"base_interval": base, "max_interval": longest}
    assert "retry_back_off" not in retries(codes=(), attempts=1, backoff_s=0)
