"""Durations as protobuf reads them."""

from __future__ import annotations

import pytest

from tidegate.envoy.durations import seconds


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0s"), (60, "60s"), (0.25, "0.25s"), (1e6, "1000000s"), (1e-9, "0.000000001s")]
)
def test_durations_have_no_exponents(value: float, text: str) -> None:
    """Protobuf would refuse them."""
    assert seconds(value) == text
