"""C#'s arithmetic, casts, Math and Convert.

Vectors: the C# reference pages "Arithmetic operators", "Numeric conversions"; the .NET pages "Math.Round", "Math.Abs",
"Convert.ToInt32", "Convert.ToString(Int32, Int32)"; Python's integers as an oracle for wrapping.
"""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import text, value

INTS = st.one_of(st.integers(-(2**31), 2**31 - 1), st.sampled_from([-(2**31), 2**31 - 1, -1, 0, 1]))
LONGS = st.one_of(st.integers(-(2**63), 2**63 - 1), st.sampled_from([-(2**63), 2**63 - 1, -1, 0, 1]))


def wrapped(number: int, bits: int = 32) -> int:
    """The number in two's complement."""
    half = 1 << (bits - 1)
    return (number + half) % (2 * half) - half


def long(number: int) -> str:
    """The literal of a long."""
    return "(-0x7FFFFFFFFFFFFFFFLL - 1)" if number == -(2**63) else f"({number}LL)"


@given(a=INTS, b=INTS)
def test_int_wraps(vm: LuaRuntime, a: int, b: int) -> None:
    """Unchecked sums, differences and products keep their low 32 bits; checked ones throw."""
    for name, exact in (("add", a + b), ("sub", a - b), ("mul", a * b)):
        assert value(vm, f"R.int_{name}({a}, {b})") == wrapped(exact)
        if wrapped(exact) == exact:
            assert value(vm, f"R.int_{name}_checked({a}, {b})") == exact
        else:
            with pytest.raises(Thrown, match="Arithmetic operation resulted in an overflow"):
                value(vm, f"R.int_{name}_checked({a}, {b})")
    assert value(vm, f"R.int_and({a}, {b})") == a & b
    assert value(vm, f"R.int_xor({a}, {b})") == a ^ b
    assert value(vm, f"R.uint_mul({a % 2**32}, {b % 2**32})") == a * b % 2**32


@given(a=INTS, b=INTS.filter(bool))
def test_int_division_cuts_off(vm: LuaRuntime, a: int, b: int) -> None:
    """Quotients are cut off towards zero, and the remainder has the sign of the dividend."""
    if (a, b) == (-(2**31), -1):
        return
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    assert value(vm, f"R.int_div({a}, {b})") == quotient
    assert value(vm, f"R.int_rem({a}, {b})") == a - quotient * b


@given(a=LONGS, b=LONGS)
def test_long(vm: LuaRuntime, a: int, b: int) -> None:
    """Lua's own operators wrap; checked ones throw; casts keep the low bits."""
    x, y = long(a), long(b)
    for name, sign, exact in (("add", "+", a + b), ("sub", "-", a - b), ("mul", "*", a * b)):
        assert value(vm, f"{x} {sign} {y}") == str(wrapped(exact, 64))
        if wrapped(exact, 64) == exact:
            assert value(vm, f"R.long_{name}_checked({x}, {y})") == str(exact)
        else:
            with pytest.raises(Thrown, match="overflow"):
                value(vm, f"R.long_{name}_checked({x}, {y})")
    if b and (a, b) != (-(2**63), -1):
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        assert value(vm, f"R.long_div({x}, {y})") == str(quotient)
        assert value(vm, f"R.long_rem({x}, {y})") == str(a - quotient * b)
    assert value(vm, f"R.to_int({x})") == wrapped(a)
    assert value(vm, f"R.to_uint({x})") == a % 2**32
    assert value(vm, f"R.to_byte({x})") == a % 256
    assert value(vm, f"R.to_ulong({x})") == str(a % 2**64)
    assert value(vm, f"R.text({x})") == str(a)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("R.int_div(7, 2)", 3),
        ("R.int_div(-7, 2)", -3),
        ("R.int_rem(-5, 4)", -1),
        ("R.int_neg(-2147483648)", -2147483648),
        ("R.int_shl(1, 33)", 2),
        ("R.int_shr(-8, 1)", -4),
        ("R.uint_shr(4294967288, 1)", 2147483644),
        ("R.uint_sub(0, 1)", 4294967295),
        ("R.to_int(1234.7)", 1234),
        ("R.to_int(-1234.7)", -1234),
        ("R.to_int(1e20)", -2147483648),
        ("R.to_int(0/0)", -2147483648),
        ("R.to_int(4294967295)", -1),
        ("R.to_byte(300)", 44),
        ("R.to_sbyte(200)", -56),
        ("R.to_char(65601)", 65),
        ("R.to_long(-1.9)", "-1"),
        ("R.to_ulong(-1)", "18446744073709551615"),
        ("R.to_float(0.1)", 0.10000000149011612),
        ("R.math_round(2.5)", 2),
        ("R.math_round(3.5)", 4),
        ("R.math_round(-2.5)", -2),
        ("R.math_round(2.5, 0, 1)", 3),
        ("R.math_round(-2.5, 0, 1)", -3),
        ("R.math_round(0.49999999999999994, 0, 1)", 0),
        ("R.math_round(3.44, 1)", 3.4),
        ("R.math_round(3.45, 1)", 3.4),
        ("R.math_round(4.36, 1)", 4.4),
        ("R.math_truncate(-12.64)", -12),
        ("R.math_sign(-3)", -1),
        ("R.int_abs(-16)", 16),
        ("R.math_clamp(5, 1, 3)", 3),
        ("R.convert_int(2.5)", 2),
        ("R.convert_int(3.5)", 4),
        ("R.convert_int(true)", 1),
        ("R.convert_int(nil)", 0),
        ('R.convert_int("42")', 42),
        ('R.convert_int(R.box("double", 1.5))', 2),
        ("R.convert_long(-12.5)", "-12"),
        ("R.convert_bool(0)", False),
        ('R.convert_bool("True")', True),
        ("R.text(R.convert_decimal(0.1))", "0.1"),
        ('R.parse_base("FF", 16, "int")', 255),
        ('R.parse_base("FFFFFFFF", 16, "int")', -1),
        ('R.parse_base("1010", 2, "int")', 10),
        ('R.to_base(-1, 16, "int")', "ffffffff"),
        ('R.to_base(10, 2, "int")', "1010"),
    ],
)
def test_values(vm: LuaRuntime, call: str, expected: object) -> None:
    """One value each."""
    assert value(vm, call) == expected


def test_double_extremes(vm: LuaRuntime) -> None:
    """NaN wins over numbers; the remainder has the dividend's sign."""
    assert math.isnan(value(vm, "R.double_max(1, 0/0)"))
    assert value(vm, "R.double_min(-1, 2)") == -1
    assert value(vm, "R.double_rem(-5.9, 3.1)") == pytest.approx(-2.8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("R.int_div(1, 0)", "Attempted to divide by zero."),
        ("R.int_rem(1, 0)", "Attempted to divide by zero."),
        ("R.long_div(1LL, 0LL)", "Attempted to divide by zero."),
        ("R.int_div(-2147483648, -1)", "Arithmetic operation resulted in an overflow."),
        ("R.int_neg_checked(-2147483648)", "Arithmetic operation resulted in an overflow."),
        ("R.to_byte_checked(256)", "Arithmetic operation resulted in an overflow."),
        ("R.to_int_checked(2147483648LL)", "Arithmetic operation resulted in an overflow."),
        ("R.to_uint_checked(-1)", "Arithmetic operation resulted in an overflow."),
        ("R.int_abs(-2147483648)", "Negating the minimum value of a twos complement number is invalid."),
        ("R.convert_int(2147483647.5)", "Value was either too large or too small for an Int32."),
        ("R.convert_byte(-1)", "Value was either too large or too small for an unsigned byte."),
        ("R.convert_int(R.bytes('a'))", "Unable to cast object of type 'byte[]' to type 'System.IConvertible'."),
        ("R.math_clamp(1, 3, 2)", "'3' cannot be greater than 2."),
    ],
)
def test_exceptions(vm: LuaRuntime, call: str, message: str) -> None:
    """What .NET throws."""
    with pytest.raises(Thrown) as thrown:
        value(vm, call)
    assert str(thrown.value) == message


def test_convert_takes_an_int_for_an_object(vm: LuaRuntime) -> None:
    """Boxes and bare values alike."""
    assert text(vm, "R.convert_long(5)") == "5"
