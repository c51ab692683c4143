"""Durations as proto3 JSON writes them."""

from __future__ import annotations


def seconds(value: float) -> str:
    """`5s`, `0.25s`: never in exponents, to the nanosecond."""
    return f"{value:.9f}".rstrip("0").rstrip(".") + "s"
