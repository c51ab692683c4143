"""Numbers, texts and constants.

Source of values: the C# language reference, "Arithmetic operators", "Numeric conversions", "String interpolation".
"""

from __future__ import annotations

import re

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown, evaluate, runtime

REQUEST = ((":method", "GET"), ("X-Two", "2"))
VARIABLES = {"text": "t", "number": 7, "flag": True}


@pytest.fixture(scope="module")
def vm() -> LuaRuntime:
    """One VM for the module: expressions change nothing in it."""
    return runtime()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "7 / 2",
            "3",
        ),
        (
            "-7 / 2",
            "-3",
        ),
        (
            "-7 % 3",
            "-1",
        ),
        (
            "7.0 / 2",
            "3.5",
        ),
        (
            "'a' + 1",
            "98",
        ),
        (
            '"x" + 1 + 2',
            "x12",
        ),
        (
            '1 + 2 + "x"',
            "3x",
        ),
        (
            "\"\" + 'a' + 'b'",
            "ab",
        ),
        (
            "(char)('a' + 1)",
            "b",
        ),
        (
            "7 / (context.Request.Method.Length - 1)",
            "3",
        ),
        (
            "2147483647 + context.Request.Method.Length",
            "-2147483646",
        ),
        (
            "-2147483648 - context.Request.Method.Length",
            "2147483645",
        ),
        (
            "2147483647 * context.Request.Method.Length",
            "2147483645",
        ),
        (
            "(long)2147483647 + context.Request.Method.Length",
            "2147483650",
        ),
        (
            "9223372036854775807 + context.Request.Method.Length",
            "-9223372036854775806",
        ),
        (
            "10000000000L / context.Request.Method.Length",
            "3333333333",
        ),
        (
            "4294967295 + (uint)context.Request.Method.Length",
            "2",
        ),
        (
            "1UL - (ulong)context.Request.Method.Length",
            "18446744073709551614",
        ),
        (
            "context.Request.Method.Length & 2 | 4 ^ 1",
            "7",
        ),
        (
            "~context.Request.Method.Length",
            "-4",
        ),
        (
            "1 << context.Request.Method.Length",
            "8",
        ),
        (
            "1 << (context.Request.Method.Length + 30)",
            "2",
        ),
        (
            "-16 >> context.Request.Method.Length",
            "-2",
        ),
        (
            "1L << (context.Request.Method.Length + 37)",
            "1099511627776",
        ),
        (
            "0xFF",
            "255",
        ),
        (
            "1_000",
            "1000",
        ),
        (
            "0b101",
            "5",
        ),
        (
            "1.5m + 1",
            "2.5",
        ),
        (
            "1.10m + 1.20m",
            "2.30",
        ),
        (
            "0.1 + 0.2",
            "0.30000000000000004",
        ),
        (
            "1e3",
            "1000",
        ),
        (
            "1.0",
            "1",
        ),
        (
            "1.50m",
            "1.50",
        ),
        (
            "2f / 3",
            "0.6666667",
        ),
        (
            "(int)3.99 + (int)-3.99",
            "0",
        ),
        (
            "(byte)(255 + context.Request.Method.Length)",
            "2",
        ),
        (
            "(sbyte)(125 + context.Request.Method.Length)",
            "-128",
        ),
        (
            "(short)(32767 + context.Request.Method.Length)",
            "-32766",
        ),
        (
            "(int)'a'",
            "97",
        ),
        (
            "(int)3.9m",
            "3",
        ),
        (
            "context.Request.Method.Length == 3.0",
            "True",
        ),
        (
            "context.Request.Method.Length == 3L && 3m == context.Request.Method.Length && "
            "context.Request.Method.Length < 3.5 && 'a' < 98",
            "True",
        ),
        (
            "1 != 1.5",
            "True",
        ),
        (
            "context.Request.Method.Length == 3 & true ^ false | false",
            "True",
        ),
        (
            "true ^ true",
            "False",
        ),
        (
            "!true | true",
            "True",
        ),
        (
            "1 > 0 == true",
            "True",
        ),
        (
            '$"{1,4}|{"a",-3}|{2.5:F2}|{255:X}|{true}|{null}|{\'c\'}"',
            "   1|a  |2.50|FF|True||c",
        ),
        (
            '$"{{{1}}}"',
            "{1}",
        ),
        (
            '"a" + null + true',
            "aTrue",
        ),
        (
            "context.Request.Method.Length.ToString() + 1.5.ToString() + 1L.ToString() + 'c'.ToString()",
            "31.51c",
        ),
        (
            "nameof(context.Request)",
            "Request",
        ),
        (
            'default(int) + default(long) + "" + default(bool) + default(string)',
            "0False",
        ),
        (
            "int.MaxValue",
            "2147483647",
        ),
        (
            "long.MaxValue",
            "9223372036854775807",
        ),
        (
            "{ int a = 5; a += 2; a -= 1; a *= 3; a /= 4; a %= 3; a <<= 3; a >>= 1; a |= 3; a &= 6; a ^= "
            "1; return a; }",
            "7",
        ),
        (
            "{ byte b = 255; b++; return b; }",
            "0",
        ),
        (
            "{ byte b = 250; b += 10; return b; }",
            "4",
        ),
        (
            "{ char c = 'a'; c++; return c; }",
            "b",
        ),
        (
            "{ int i = 1; return i++ + i++ * 10 + ++i; }",
            "25",
        ),
        (
            "{ short s = 1; s += 1; long l = s; double d = l; decimal m = 1; return d + (double)m; }",
            "3",
        ),
        (
            "{ string s = \"a\"; s += 1; s += 'b'; return s; }",
            "a1b",
        ),
        (
            "unchecked((int)4294967295L)",
            "-1",
        ),
    ],
)
def test_value(vm: LuaRuntime, text: str, value: str) -> None:
    """What the expression is worth."""
    assert evaluate(text, vm=vm, request=REQUEST, variables=VARIABLES) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "1 / (context.Request.Method.Length - 3)",
            "Attempted to divide by zero.",
        ),
        (
            "1 % (context.Request.Method.Length - 3)",
            "Attempted to divide by zero.",
        ),
        (
            "1L / (context.Request.Method.Length - 3)",
            "Attempted to divide by zero.",
        ),
        (
            "1m / (context.Request.Method.Length - 3)",
            "Attempted to divide by zero.",
        ),
        (
            "checked(2147483647 + context.Request.Method.Length)",
            "Arithmetic operation resulted in an overflow.",
        ),
        (
            "checked((byte)(255 + context.Request.Method.Length))",
            "Arithmetic operation resulted in an overflow.",
        ),
        (
            "{ checked { int a = 2147483647; a += context.Request.Method.Length; return a; } }",
            "overflow",
        ),
    ],
)
def test_exception(vm: LuaRuntime, text: str, message: str) -> None:
    """What .NET throws is raised."""
    with pytest.raises(Thrown, match=re.escape(message)):
        evaluate(text, vm=vm, request=REQUEST, variables=VARIABLES)
