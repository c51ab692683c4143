"""The pauses between retries: the reference's page of the policy `retry`."""

from __future__ import annotations

import pytest

from expression_lab import runtime


@pytest.mark.parametrize(
    ("arguments", "seconds"),
    [
        ("10, nil, nil, nil", [10, 10, 10]),
        ("10, nil, 5, nil", [10, 15, 20]),
        ("1, 100, 2, nil", [1, 3, 7]),
        ("1, 5, 2, nil", [1, 3, 5]),
        ("10, 4, nil, nil", [4, 4, 4]),
        ("10, nil, 5, true", [0, 15, 20]),
        ("0, nil, nil, false", [0, 0, 0]),
        ("86400, nil, nil, nil", [300, 300, 300]),
    ],
)
def test_pauses(arguments: str, seconds: list[int]) -> None:
    """Fixed, linear, exponential with its longest, the first at once; never longer than five minutes."""
    pause = runtime().eval(f"function(n) return R.retry_pause(n, {arguments}, 0.5) end".encode())
    assert [pause(n) for n in (1, 2, 3)] == seconds


def test_chance_is_a_fifth() -> None:
    """Of the growing part, to both sides."""
    vm = runtime()
    low, high = (vm.eval(f"R.retry_pause(3, 1, 100, 2, nil, {chance})".encode()) for chance in (0, 1))
    assert (low, round(high, 9)) == (1 + 6 * 0.8, 1 + 6 * 1.2)


def test_count() -> None:
    """Between 1 and 50; what is computed beyond that throws."""
    vm = runtime()
    assert vm.eval(b"R.retry_count(50)") == 50
    for count in (0, 51):
        assert vm.eval(f"pcall(R.retry_count, {count})".encode())[0] is False


def test_budget_of_steps() -> None:
    """It ends, is whole again for on-error, and is whole again for the next hook."""
    vm = runtime()
    spend = vm.eval(b"function() local n = 0 repeat n = n + 1 local ok = pcall(R.tick, 1000) until not ok return n end")
    first = spend()
    assert spend() == first
    vm.execute(b"R.tick(100000) R.refill()")
    assert spend() == first
