"""System.Decimal: exact to 96 bits, scales kept, halves to even.

Vectors: the .NET pages "Decimal Struct", "Decimal.Divide", "Decimal.Round", "Decimal explicit operators"; and Python's
fractions as an oracle.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import text, value

MAXIMUM = 2**96 - 1
DECIMALS = st.builds(
    lambda negative, digits, scale: Decimal((int(negative), tuple(map(int, str(digits))), -scale)),
    st.booleans(),
    st.one_of(st.integers(0, 100), st.integers(0, 10**10), st.integers(0, MAXIMUM)),
    st.integers(0, 28),
)


def lua(number: Decimal) -> str:
    """The literal of a decimal."""
    return f'R.decimal("{number:f}")'


def shown(digits: int, scale: int) -> str:
    """The text of digits / 10^scale, keeping zeros; zero has no sign."""
    plain = str(abs(digits)).rjust(scale + 1, "0")
    plain = f"{plain[:-scale]}.{plain[-scale:]}" if scale else plain
    return f"-{plain}" if digits < 0 else plain


def fitted(exact: Fraction, scale: int) -> tuple[int, int] | None:
    """The nearest decimal of at most that scale, halves to even; None if it is too large."""
    for places in range(min(scale, 28), -1, -1):
        digits = round(exact * 10**places)
        if abs(digits) <= MAXIMUM:
            return digits, places
    return None


def check(vm: LuaRuntime, call: str, expected: tuple[int, int] | None) -> None:
    """The call's text is the expected decimal's, or it overflows."""
    if expected is None:
        with pytest.raises(Thrown, match="too large or too small for a Decimal"):
            text(vm, call)
    else:
        assert text(vm, call) == shown(*expected)


@given(a=DECIMALS, b=DECIMALS)
def test_sums_and_products(vm: LuaRuntime, a: Decimal, b: Decimal) -> None:
    """Sums have the larger scale, products the sum of both, as far as 28 places and 96 bits allow."""
    scales = (-int(a.as_tuple().exponent), -int(b.as_tuple().exponent))
    x, y = Fraction(a), Fraction(b)
    check(vm, f"R.decimal_add({lua(a)}, {lua(b)})", fitted(x + y, max(scales)))
    check(vm, f"R.decimal_sub({lua(a)}, {lua(b)})", fitted(x - y, max(scales)))
    check(vm, f"R.decimal_mul({lua(a)}, {lua(b)})", fitted(x * y, sum(scales)))
    assert value(vm, f"R.decimal_compare({lua(a)}, {lua(b)})") == (x > y) - (x < y)
    assert value(vm, f"R.hash({lua(a)}) == R.hash({lua(b)})") is (x == y)


@given(a=DECIMALS, b=DECIMALS.filter(bool))
def test_quotients(vm: LuaRuntime, a: Decimal, b: Decimal) -> None:
    """As many places as the quotient has, at most 28, at least the difference of the scales."""
    scales = (-int(a.as_tuple().exponent), -int(b.as_tuple().exponent))
    expected = fitted(Fraction(a) / Fraction(b), 28)
    if expected:
        digits, places = expected
        while places > max(0, scales[0] - scales[1]) and digits % 10 == 0:
            digits, places = digits // 10, places - 1
        expected = digits, places
    check(vm, f"R.decimal_div({lua(a)}, {lua(b)})", expected)
    rest = abs(Fraction(a)) % abs(Fraction(b))
    check(vm, f"R.decimal_rem({lua(a)}, {lua(b)})", fitted(rest if a > 0 else -rest, max(scales)))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ('R.decimal_add(R.decimal("1.50"), R.decimal("2.5"))', "4.00"),
        ('R.decimal_div(R.decimal("1"), R.decimal("3"))', "0.3333333333333333333333333333"),
        ('R.decimal_div(R.decimal("2"), R.decimal("3"))', "0.6666666666666666666666666667"),
        ('R.decimal_div(R.decimal("6.00"), R.decimal("2"))', "3.00"),
        ('R.decimal_neg(R.decimal("0.00"))', "0.00"),
        ('R.decimal_round(R.decimal("1.45"), 1, "even")', "1.4"),
        ('R.decimal_round(R.decimal("1.55"), 1, "even")', "1.6"),
        ('R.decimal_round(R.decimal("2.345"), 2, "even")', "2.34"),
        ('R.decimal_round(R.decimal("2.345"), 2, "away")', "2.35"),
        ('R.decimal_round(R.decimal("-3.5"), 0, "even")', "-4"),
        ('R.decimal_floor(R.decimal("-1.5"))', "-2"),
        ('R.decimal_ceiling(R.decimal("-1.5"))', "-1"),
        ('R.decimal_floor(R.decimal("7.03"))', "7"),
        ('R.decimal_ceiling(R.decimal("7.03"))', "8"),
        ("R.decimal_from_double(0.1)", "0.1"),
        ("R.decimal_from_double(123456789.123456789)", "123456789.123457"),
        ("R.decimal_from_double(1.1 + 2.2)", "3.3"),
        ("R.decimal_from_double(R.to_float(0.1), 7)", "0.1"),
        ("R.decimal_from_double(1e-30)", "0"),
        ("R.decimal_from_integer(-9223372036854775807LL)", "-9223372036854775807"),
        ('R.to_int(R.decimal("3.99"))', "3"),
        ('R.to_int(R.decimal("-3.99"))', "-3"),
        ('R.to_long(R.decimal("9223372036854775807"))', "9223372036854775807"),
        ('R.convert_int(R.decimal("2.5"))', "2"),
        ('R.convert_int(R.decimal("3.5"))', "4"),
    ],
)
def test_values(vm: LuaRuntime, call: str, expected: str) -> None:
    """Scales, rounding and casts."""
    assert text(vm, call) == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('R.decimal_div(R.decimal("1"), R.decimal("0.0"))', "Attempted to divide by zero."),
        ("R.decimal_from_double(1e29)", "Value was either too large or too small for a Decimal."),
        ("R.decimal_from_double(0/0)", "Value was either too large or too small for a Decimal."),
        ('R.to_int(R.decimal("2147483648"))', "Value was either too large or too small for an Int32."),
        ('R.to_long(R.decimal("9223372036854775808"))', "Value was either too large or too small for an Int64."),
        ('R.to_ulong(R.decimal("-1"))', "Value was either too large or too small for a UInt64."),
        ('R.to_byte(R.decimal("256"))', "Value was either too large or too small for an unsigned byte."),
    ],
)
def test_exceptions(vm: LuaRuntime, call: str, message: str) -> None:
    """Decimals never wrap around."""
    with pytest.raises(Thrown) as thrown:
        value(vm, call)
    assert str(thrown.value) == message
