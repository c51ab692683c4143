"""Durations of the Gateway API and of Go, in seconds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.manifests.schema.durations import gateway_duration, go_duration

UNITS = {"h": 3600, "m": 60, "s": 1, "ms": 0.001}
PART = st.tuples(st.integers(0, 99999), st.sampled_from(sorted(UNITS)))


@settings(deadline=None)
@given(st.lists(PART, min_size=1, max_size=4))
def test_gateway_durations_are_the_sum_of_their_parts(parts: list[tuple[int, str]]) -> None:
    """GEP-2257: up to four numbers of up to five digits; Go reads the same from each."""
    text = "".join(f"{number}{unit}" for number, unit in parts)
    seconds = sum(number * UNITS[unit] for number, unit in parts)
    assert gateway_duration(text) == pytest.approx(seconds, abs=1e-6)
    assert go_duration(text) == gateway_duration(text)


@settings(deadline=None)
@given(st.text(alphabet="0123456789hmsu.-+ ", max_size=12))
def test_whatever_is_accepted_is_a_finite_time(text: str) -> None:
    """And everything else is said to be no duration."""
    for read in (gateway_duration, go_duration):
        try:
            seconds = read(text)
        except ValueError:
            continue
        assert 0 <= seconds < 1e11


@pytest.mark.parametrize(
    "text",
    ["", "0", "10", "1.5s", "-1s", "+1s", " 1s", "1s ", "1d", "100000s", "1s1s1s1s1s", "1us", "\u0661s", 10, None],
)
def test_what_is_no_gateway_duration(text: object) -> None:
    """Stricter than Go's: no sign, no fraction, no bare zero, ASCII digits."""
    with pytest.raises(ValueError, match="a duration such as"):
        gateway_duration(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("1.s", 1),
        ("100us", 0.0001),
        ("1µs", 1e-6),
        ("1ns", 1e-9),
        ("0.1s", 0.1),
    ],
)
def test_go_durations(text: str, seconds: float) -> None:
    """As `time.ParseDuration` reads them."""
    assert go_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", ".s", "1", "-1s", "+1s", "1 s", "1d", "1e3s", "1" * 100 + "s", 5, None])
def test_what_is_no_go_duration(text: object) -> None:
    """A negative one is no time to wait."""
    with pytest.raises(ValueError, match="a duration"):
        go_duration(text)


def test_longest_go_duration() -> None:
    """64 bits of nanoseconds."""
    assert go_duration("2562047h") == 2562047 * 3600
    with pytest.raises(ValueError, match="at most"):
        go_duration("2562048h")
