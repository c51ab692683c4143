"""Numbers, Math and Convert by whole expressions.

Vectors: the C# reference on arithmetic; the .NET reference of the numeric types, System.Math, System.Convert.
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, runtime


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    return runtime()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('int.Parse("42") + 1', "43"),
        ('int.Parse("FF", System.Globalization.NumberStyles.HexNumber)', "255"),
        ('Int32.Parse("7", CultureInfo.InvariantCulture)', "7"),
        ('int.TryParse("5", out var n) ? n : -1', "5"),
        ('int.TryParse("x", out int n) ? n : -1', "-1"),
        ('long.Parse("9007199254740993") + 1', "9007199254740994"),
        ('double.Parse("1.5") + 1', "2.5"),
        ('decimal.Parse("1.50") * 2', "3.00"),
        ('bool.Parse("true")', "True"),
        ('bool.TryParse("x", out var b) ? "y" : "n"', "n"),
        ('(5).ToString("D3")', "005"),
        ('1234.5.ToString("N1")', "1,234.5"),
        ('int.MaxValue.ToString("N0", CultureInfo.InvariantCulture)', "2,147,483,647"),
        ('((byte)200).ToString("X2")', "C8"),
        ('Math.PI.ToString("F4")', "3.1416"),
        ("12.50m.ToString()", "12.50"),
        ("1e3.ToString()", "1000"),
        ("(1.0).ToString()", "1"),
        ("true.ToString().ToLower()", "true"),
        ("10 / 4 + 10 / 4.0", "4.5"),
        ('7 % 3 + "|" + -7 % 3', "1|-1"),
        ("(long)int.MaxValue + 1", "2147483648"),
        ("5L / 2", "2"),
        ("1.0 / 3", "0.3333333333333333"),
        ("(float)1 / 3", "0.33333334"),
        ("1m / 3", "0.3333333333333333333333333333"),
        ("1.5m + 2", "3.5"),
        ("(decimal)0.1", "0.1"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ('"x" + 1 + 2', "x12"),
        ('"a" + \'b\' + 1.50m + 2.5 + 3L + null', "ab1.502.53"),
        ("(int)3.99 + (int)'a'", "100"),
        ("1 << 4 | 3", "19"),
        ("~5", "-6"),
        ("1m == 1.0m", "True"),
        ("1.0 == 1 && 1 == 1L", "True"),
        ("Math.Max(3, 4) + Math.Min(1.5, 2)", "5.5"),
        ("Math.Round(2.5) + Math.Floor(2.7)", "4"),
        ("Math.Round(2.345m, 2)", "2.34"),
        ("Math.Round(2.5, MidpointRounding.AwayFromZero)", "3"),
        ("Math.Abs(-5) + Math.Pow(2, 3)", "13"),
        ("Math.Truncate(2.7) + Math.Ceiling(2.1)", "5"),
        ("Math.Sign(-2.5)", "-1"),
        ("Math.DivRem(7, 2, out var rem) + rem", "4"),
        ("Math.Ceiling(1.2m)", "2"),
        ("Math.Sqrt(16)", "4"),
        ("Math.Clamp(9, 1, 5)", "5"),
        ('Convert.ToInt32("7") * 6', "42"),
        ("Convert.ToInt32(2.5) + Convert.ToInt32('a')", "99"),
        ('Convert.ToDouble("1.5", CultureInfo.InvariantCulture)', "1.5"),
        ('Convert.ToBoolean("true") && Convert.ToBoolean(1)', "True"),
        ("Convert.ToString(255, 16)", "ff"),
        ('Convert.ToInt32("ff", 16)', "255"),
        ("Convert.ToString(12)", "12"),
        ("Convert.ToDecimal(0.1)", "0.1"),
        ('Convert.ToInt64("123") + Convert.ToInt32(true)', "124"),
        ("Convert.ToString((object)null)", ""),
        ("((object)1.5).ToString()", "1.5"),
        ("((object)1.5).Equals(1.5)", "True"),
        ("((object)1).Equals(1L)", "False"),
        ("5.CompareTo(7)", "-1"),
        ("5.Equals(5)", "True"),
        ("double.IsNaN(double.NaN)", "True"),
        ("ulong.MaxValue", "18446744073709551615"),
        ("long.MinValue", "-9223372036854775808"),
        ("decimal.MaxValue", "79228162514264337593543950335"),
        ("decimal.Round(1.005m, 2)", "1.00"),
        ("Decimal.ToInt32(1.5m)", "1"),
        ('double.TryParse("1,5e1", NumberStyles.Any, CultureInfo.InvariantCulture, out var d) ? d : 0', "150"),
        ("default(decimal)", "0"),
        ('new [] {1.5, 2.5}.Sum().ToString("0.00")', "4.00"),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, text: str, expected: str) -> None:
    """What each expression is worth, as text."""
    assert evaluate(f'"" + ({text})', vm=vm) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('int.Parse("x")', "Input string was not in a correct format."),
        ('int.Parse("2147483648")', "Value was either too large or too small for an Int32."),
        ('1 / int.Parse("0")', "Attempted to divide by zero."),
        ('checked(int.Parse("2147483647") + 1)', "Arithmetic operation resulted in an overflow."),
        ("Convert.ToByte(256)", "Value was either too large or too small for an unsigned byte."),
        ("(int)(object)1.5", "Unable to cast object of type 'double' to type 'int'."),
        ('new CultureInfo("de-DE")', "Culture is not supported: only the invariant culture is. (Parameter 'name')"),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, text: str, message: str) -> None:
    """What .NET throws, an expression throws."""
    with pytest.raises(Thrown) as thrown:
        evaluate(f'"" + ({text})', vm=vm)
    assert str(thrown.value) == message
