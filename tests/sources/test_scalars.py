"""Plain scalars as Kubernetes reads them."""

from __future__ import annotations

import pytest

from tidegate.sources.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("NULL", None),
        ("nULL", "nULL"),
        ("true", True),
        ("False", False),
        ("tRUE", "tRUE"),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("0x1f", 31),
        ("-0X1F", -31),
        ("0b11", 3),
        ("0o17", 15),
        ("9223372036854775808", 2**63),
        ("-9223372036854775808", -(2**63)),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1.5e3", 1500.0),
        (".5e-1", 0.05),
        ("1e999", "1e999"),
        ("1.2.3", "1.2.3"),
        (".", "."),
        ("..", ".."),
        ("-", "-"),
        ("+", "+"),
        ("0x", "0x"),
        ("0xg", "0xg"),
        ("0b2", "0b2"),
        ("._5", "._5"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
        ("10m", "10m"),
        ("<<", "<<"),
        ("٣", "٣"),
    ],
)
def test_values(text: str, value: object) -> None:
    """By the rules of YAML 1.1 as the Go library of Kubernetes has them, without surprise."""
    resolved = resolve(text)
    assert (resolved.value, type(resolved.value)) == (value, type(value))
    assert resolved.surprise == ""
    assert resolved.finite


@pytest.mark.parametrize(
    ("text", "value", "surprise"),
    [
        ("y", True, "the boolean true"),
        ("Off", False, "the boolean false"),
        ("012", 10, "the number 10"),
        ("-012", -10, "the number -10"),
        ("08", 8.0, "the number 8.0"),
        ("1_000", 1000, "the number 1000"),
        ("0x_1", 1, "the number 1"),
        ("12e4", 120000.0, "the number 120000.0"),
        ("-9223372036854775809", -9.223372036854775808e18, "the number -9.223372036854776e+18"),
        ("18446744073709551616", 1.8446744073709552e19, "the number 1.8446744073709552e+19"),
    ],
)
def test_surprises(text: str, value: object, surprise: str) -> None:
    """What most people would not expect is told apart, and read the same way."""
    resolved = resolve(text)
    assert (resolved.value, type(resolved.value), resolved.surprise) == (value, type(value), surprise)


@pytest.mark.parametrize("text", [".inf", "-.INF", "+.Inf", ".nan", ".NaN"])
def test_what_json_cannot_hold(text: str) -> None:
    """Infinities and NaN."""
    assert not resolve(text).finite


@pytest.mark.parametrize("text", ["9" * 5000, "-" + "1_0" * 3000, "0" * 5000 + "1", "1" + "0" * 400 + ".5"])
def test_numbers_of_thousands_of_digits(text: str) -> None:
    """Python's own conversion refuses them; they are text or a float, and no bug of ours."""
    resolved = resolve(text)
    assert resolved.finite
    assert not isinstance(resolved.value, int)
