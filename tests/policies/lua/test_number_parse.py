"""Parsing of numbers and booleans.

Vectors: the .NET pages "Int32.Parse", "Int32.TryParse", "Double.Parse", "Decimal.Parse", "Boolean.Parse",
"NumberStyles Enum".
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import quoted, text, value

FORMAT = "Input string was not in a correct format."


@pytest.mark.parametrize(
    ("function", "given", "styles", "expected"),
    [
        ("int", "12", "", "12"), ("int", " \t-12 ", "", "-12"), ("int", "+7", "", "7"), ("int", "007\0\0", "", "7"),
        ("int", "-2147483648", "", "-2147483648"), ("int", "FF", "515", "255"), ("int", "FFFFFFFF", "515", "-1"),
        ("int", "1,234", "64", "1234"), ("int", "(7)", "16", "-7"), ("int", "12-", "8", "-12"),
        ("int", "5.00", "32", "5"),
        ("int", "1e3", "128", "1000"), ("byte", "255", "", "255"), ("sbyte", "-128", "", "-128"),
        ("uint", "4294967295", "", "4294967295"),
        ("long", "-9223372036854775808", "", "-9223372036854775808"),
        ("long", "9007199254740993", "", "9007199254740993"),
        ("ulong", "18446744073709551615", "", "18446744073709551615"),
        ("ulong", "FFFFFFFFFFFFFFFF", "515", "18446744073709551615"),
        ("decimal", "1,234.50", "", "1234.50"), ("decimal", "-.5", "", "-0.5"), ("decimal", "5-", "", "-5"),
        ("decimal", "79228162514264337593543950335", "", "79228162514264337593543950335"),
        ("decimal", "0." + "1" * 40, "", "0." + "1" * 28),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, function: str, given: str, styles: str, expected: str) -> None:
    """Signs, white space, thousands, hexadecimal digits; each by its style."""
    arguments = f"{quoted(given)}, {styles or 'nil'}"
    assert text(vm, f"R.parse_{function}({arguments})") == expected
    assert value(vm, f"(R.try_parse_{function}({arguments}))") is True


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("1,234.5e3", 1234500.0), ("-0.5", -0.5), (" 1E-2 ", 0.01), (".5", 0.5), ("5.", 5.0), ("1e400", float("inf")),
        ("Infinity", float("inf")), ("-infinity", float("-inf")), ("∞", float("inf")), ("0.1", 0.1),
    ],
)  # fmt: skip
def test_doubles(vm: LuaRuntime, given: str, expected: float) -> None:
    """Too large is infinite, as .NET Core 3.0 and later have it."""
    assert value(vm, f"R.parse_double({quoted(given)})") == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('R.parse_int("")', FORMAT), ('R.parse_int("1.0")', FORMAT), ('R.parse_int("1,000")', FORMAT),
        ('R.parse_int("e")', FORMAT), ('R.parse_int("- 1")', FORMAT), ('R.parse_int("0x1F", 515)', FORMAT),
        ('R.parse_int("\uff11")', FORMAT), ('R.parse_double("1.2.3")', FORMAT), ('R.parse_double("0x10")', FORMAT),
        ('R.parse_decimal("1e3")', FORMAT), ('R.parse_decimal("abc")', FORMAT),
        ('R.parse_int("2147483648")', "Value was either too large or too small for an Int32."),
        ('R.parse_byte("-1")', "Value was either too large or too small for an unsigned byte."),
        ('R.parse_long("9223372036854775808")', "Value was either too large or too small for an Int64."),
        ('R.parse_int("1" .. string.rep("0", 1000000))', "Value was either too large or too small for an Int32."),
        ('R.parse_decimal("79228162514264337593543950336")', "Value was either too large or too small for a Decimal."),
        ("R.parse_int(nil)", "Value cannot be null. (Parameter 's')"),
        ('R.parse_bool("yes")', "String 'yes' was not recognized as a valid Boolean."),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, call: str, message: str) -> None:
    """Texts that are no number, and numbers that the type does not hold."""
    with pytest.raises(Thrown) as thrown:
        value(vm, call)
    assert str(thrown.value) == message


def test_attempts(vm: LuaRuntime) -> None:
    """TryParse gives false and zero, for null too."""
    for kind in ("int", "byte", "double", "float"):
        assert value(vm, f"(function() local ok, v = R.try_parse_{kind}('x') return not ok and v end)()") == 0
        assert value(vm, f"(R.try_parse_{kind}(nil))") is False
    assert value(vm, "(function() local ok, v = R.try_parse_long('x') return not ok and v end)()") == "0"
    assert value(vm, "(function() local ok, v = R.try_parse_decimal('x') return not ok and R.text(v) end)()") == "0"
    assert value(vm, "(R.try_parse_bool(' tRUE '))") is True
    assert value(vm, "R.parse_bool('False')") is False


@pytest.mark.parametrize(
    "call", ["parse_int", "parse_double", "parse_decimal", "parse_bool", "parse_guid", "parse_date", "new_uri"]
)
def test_long_texts_cost_little(vm: LuaRuntime, call: str) -> None:
    """What anybody may send: long runs of white space, digits, signs. Quadratic time would not end here."""
    for hostile in ("'1' .. string.rep(' ', 1e5) .. 'x'", "string.rep(' ', 1e5)", "string.rep('1 ', 5e4) .. '-'",
                    "string.rep('0', 1e5) .. 'x'", "string.rep('9', 1e5)", "'0.' .. string.rep('9', 1e5)"):  # fmt: skip
        vm.execute(f"R.refill() pcall(R.{call}, {hostile})".encode())
