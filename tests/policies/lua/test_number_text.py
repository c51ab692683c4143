"""Texts of numbers.

Vectors: the .NET pages "Standard numeric format strings" and "Custom numeric format strings" (their tables, in the
invariant culture) and "Double.ToString"; Python's repr as an oracle for the shortest digits of a double.
"""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import quoted, value


def formatted(vm: LuaRuntime, number: str, kind: str, pattern: str) -> str:
    """ToString(pattern) of a number of a type."""
    return str(value(vm, f'R.num_format({number}, "{kind}", {quoted(pattern)})'))


@pytest.mark.parametrize(
    ("number", "kind", "pattern", "expected"),
    [
        ("42", "int", "B", "101010"), ("255", "int", "b16", "0000000011111111"),
        ("123.456", "double", "C", "¤123.46"), ("-123.456", "double", "C3", "(¤123.456)"),
        ("1234", "int", "D", "1234"), ("-1234", "int", "D6", "-001234"),
        ("1052.0329112756", "double", "E", "1.052033E+003"), ("-1052.0329112756", "double", "e2", "-1.05e+003"),
        ("1234.567", "double", "F", "1234.57"), ("1234", "int", "F1", "1234.0"),
        ("-1234.56", "double", "F4", "-1234.5600"),
        ("-123.456", "double", "G", "-123.456"), ("123.4546", "double", "G4", "123.5"),
        ("-1.234567890e-25", "double", "G", "-1.23456789E-25"),
        ("1234.567", "double", "N", "1,234.57"), ("1234", "int", "N1", "1,234.0"),
        ("-1234.56", "double", "N3", "-1,234.560"),
        ("1", "int", "P", "100.00 %"), ("-0.39678", "double", "P1", "-39.7 %"),
        ("123456789.12345678", "double", "R", "123456789.12345678"),
        ("-1234567890.12345678", "double", "R", "-1234567890.1234567"),
        ("255", "int", "X", "FF"), ("-1", "sbyte", "x", "ff"), ("255", "int", "x4", "00ff"),
        ("-1", "sbyte", "X4", "00FF"),
        ("-1", "int", "X", "FFFFFFFF"), ("-1LL", "long", "x", "ffffffffffffffff"), ("0", "int", "X", "0"),
        ("1234567890LL", "long", "N0", "1,234,567,890"), ("0", "int", "D4", "0000"),
        ('R.decimal("1.50")', "decimal", "", "1.50"), ('R.decimal("1.50")', "decimal", "G", "1.50"),
        ('R.decimal("2.345")', "decimal", "F2", "2.35"), ('R.decimal("-0.001")', "decimal", "F2", "0.00"),
        ('R.decimal("12345.678")', "decimal", "N2", "12,345.68"),
        ("0.125", "double", "F2", "0.12"), ("0.375", "double", "F2", "0.38"), ("1e21", "double", "F0", "1" + "0" * 21),
        ("123456", "int", "G2", "1.2E+05"), ("0", "int", "E2", "0.00E+000"), ("0.0", "double", "G", "0"),
    ],
)  # fmt: skip
def test_standard(vm: LuaRuntime, number: str, kind: str, pattern: str, expected: str) -> None:
    """The table of "Standard numeric format strings", and halves by the kind of number."""
    assert formatted(vm, number, kind, pattern) == expected


@pytest.mark.parametrize(
    ("number", "pattern", "expected"),
    [
        ("1234.5678", "00000", "01235"), ("0.45678", "0.00", "0.46"), ("1234.5678", "#####", "1235"),
        ("0.45678", "#.##", ".46"), ("2147483647", "##,#", "2,147,483,647"), ("2147483647", "#,#,,", "2,147"),
        ("0.3697", "%#0.00", "%36.97"), ("0.3697", "##.0 %", "37.0 %"), ("0.03697", "#0.00‰", "36.97‰"),
        ("987654", "#0.0e0", "98.8e4"), ("1503.92311", "0.0##e+00", "1.504e+03"),
        ("1.8901385E-16", "0.0e+00", "1.9e-16"),
        ("987654", "\\###00\\#", "#987654#"), ("68", "# 'degrees'", "68 degrees"), ("68", "#' degrees'", "68 degrees"),
        ("12.345", "#0.0#;(#0.0#);-\\0-", "12.35"), ("0", "#0.0#;(#0.0#);-\\0-", "-0-"),
        ("-12.345", "#0.0#;(#0.0#);-\\0-", "(12.35)"), ("12.345", "#0.0#;(#0.0#)", "12.35"),
        ("0", "#0.0#;(#0.0#)", "0.0"),
        ("-12.345", "#0.0#;(#0.0#)", "(12.35)"), ("68", "# °", "68 °"), ("34.5", "00", "35"), ("34.5", "##", "35"),
        ("1000", "#,#", "1,000"), ("100000000", "0,,", "100"), ("1000000000", "#,0,,", "1,000"),
        ("0", "#", ""), ("5", "00", "05"), ("-5", "0.0", "-5.0"), ("1234567.891", "#,##0.00", "1,234,567.89"),
        ("0.125", "0.00", "0.13"), ("-0.5", "0.0", "-0.5"), ("7", '"No. "000', "No. 007"),
    ],
)  # fmt: skip
def test_custom(vm: LuaRuntime, number: str, pattern: str, expected: str) -> None:
    """The table of "Custom numeric format strings"."""
    assert formatted(vm, number, "double", pattern) == expected


@pytest.mark.parametrize(
    ("number", "kind", "pattern"),
    [("1.5", "double", "D"), ("1.5", "double", "X"), ("1", "int", "R"), ("1", "int", "Z"), ("1", "int", "N1001")],
)
def test_formats_that_are_none(vm: LuaRuntime, number: str, kind: str, pattern: str) -> None:
    """Unknown letters, and letters that the type does not have."""
    with pytest.raises(Thrown, match="Format specifier was invalid"):
        formatted(vm, number, kind, pattern)


@pytest.mark.parametrize(
    ("number", "kind", "expected"),
    [
        ("0.1", "double", "0.1"), ("1/3", "double", "0.3333333333333333"), ("100.0", "double", "100"),
        ("1e-5", "double", "1E-05"), ("0.0001", "double", "0.0001"), ("1e17", "double", "1E+17"),
        ("-0.0", "double", "-0"), ("0/0", "double", "NaN"), ("-1/0", "double", "-Infinity"),
        ("1.7976931348623157e308", "double", "1.7976931348623157E+308"), ("5e-324", "double", "5E-324"),
        ("R.to_float(0.1)", "float", "0.1"), ("R.to_float(3.4028235e38)", "float", "3.4028235E+38"),
        ("R.to_float(16777216)", "float", "16777216"), ("R.to_float(1/3)", "float", "0.33333334"),
        ("97", "char", "a"), ("0x20AC", "char", "€"), ("-5", "int", "-5"), ("4294967295", "uint", "4294967295"),
        ("-9223372036854775807LL", "long", "-9223372036854775807"),
        ("18446744073709551615ULL", "ulong", "18446744073709551615"),
    ],
)  # fmt: skip
def test_plain(vm: LuaRuntime, number: str, kind: str, expected: str) -> None:
    """ToString() without a format, as .NET Core 3.0 and later write it."""
    assert value(vm, f'R.num_text({number}, "{kind}")') == expected


def digits_of(shown: str) -> str:
    """The significant digits of a text."""
    return shown.lower().split("e")[0].replace("-", "").replace(".", "").strip("0")


@given(st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-1074, 1023).map(lambda e: 2.0**e)))
def test_shortest(vm: LuaRuntime, number: float) -> None:
    """The text reads back as the number, and no shorter one does: Python's repr has the same digits."""
    shown = vm.globals().R.num_text(number, b"double").decode()
    assert struct.pack("d", float(shown)) == struct.pack("d", number)
    assert digits_of(shown) == digits_of(repr(number))


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_read_back(vm: LuaRuntime, number: float) -> None:
    """Nine digits are enough for any float."""
    shown = vm.globals().R.num_text(number, b"float").decode()
    assert struct.pack("f", float(shown)) == struct.pack("f", number)
    assert len(digits_of(shown)) <= 9


@given(st.floats(-1e15, 1e15), st.integers(0, 20))
def test_fixed_rounds_the_exact_value(vm: LuaRuntime, number: float, places: int) -> None:
    """Python's format has the exact value and halves to even, too."""
    assert formatted(vm, repr(number), "double", f"F{places}") == f"{number:.{places}f}"
