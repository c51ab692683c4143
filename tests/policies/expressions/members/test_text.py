"""Strings and characters by whole expressions.

Vectors: the .NET reference of System.String, System.Char, System.Text.StringBuilder.
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
        ('"abc".ToUpper() + "x".PadLeft(3, \'0\')', "ABC00x"),
        ('"a,b;c".Split(\',\', \';\')[1]', "b"),
        ('"a,,b".Split(new[] {\',\'}, StringSplitOptions.RemoveEmptyEntries).Length', "2"),
        ('"a b".Split()[0]', "a"),
        ('"a--b".Split(new string[] {"--"}, StringSplitOptions.None)[1]', "b"),
        ('"Bearer xyz".Substring(7)', "xyz"),
        ('"a=b=c".Split(new[] {\'=\'}, 2)[1]', "b=c"),
        ('"Bearer xyz".Split(\' \').Last()', "xyz"),
        ('"Hello".IndexOf(\'l\') + "|" + "Hello".LastIndexOf("L", StringComparison.OrdinalIgnoreCase)', "2|3"),
        ('"Hello".StartsWith("he", StringComparison.OrdinalIgnoreCase)', "True"),
        ('"a.json".EndsWith(".json")', "True"),
        ('"Hello".Contains("ELL", StringComparison.OrdinalIgnoreCase)', "True"),
        ('"abc".Contains(\'b\')', "True"),
        ('"abc"[1]', "b"),
        ('"a-b".Replace(\'-\', \'_\').Trim(\'_\').Insert(1, "!").Remove(0, 1)', "!_b"),
        ('"  a ".TrimStart() + "|" + " a ".TrimEnd()', "a | a"),
        ('string.Join(",", new[] {1, 2, 3})', "1,2,3"),
        ('string.Join("-", new List<string> {"a", "b"})', "a-b"),
        ('string.Join("+", "a", "b")', "a+b"),
        ('string.Concat("a", 1, \'c\')', "a1c"),
        ('string.Concat("abc".Reverse())', "cba"),
        ('new string("abc".Reverse().ToArray())', "cba"),
        ("new string('a', 3)", "aaa"),
        ('"äöü".ToUpperInvariant()', "ÄÖÜ"),
        ('"😀".Length', "2"),
        ('"😀".Substring(0, 2)', "😀"),
        ('string.Compare("a", "B", StringComparison.OrdinalIgnoreCase) < 0', "True"),
        ('"b".CompareTo("a")', "1"),
        ('"a".Equals("A", StringComparison.OrdinalIgnoreCase)', "True"),
        ('String.Equals("a", null)', "False"),
        ('string.IsNullOrWhiteSpace("  ") && !string.IsNullOrEmpty(" ")', "True"),
        ('"a1b2".Where(char.IsDigit).Count()', "2"),
        ('char.IsDigit("a1", 1) && Char.IsLetter(\'x\') && char.IsWhiteSpace(\' \')', "True"),
        ("char.ToUpper('ä')", "Ä"),
        ("'a' + 1", "98"),
        ("(char)('a' + 1)", "b"),
        ("'x'.ToString() + 'y'", "xy"),
        ('"a.b.c".Substring("a.b.c".LastIndexOf(\'.\') + 1)', "c"),
        ('new StringBuilder().Append("a").Append(1).Append(\'c\').AppendFormat("{0:00}", 7).ToString()', "a1c07"),
        ('new StringBuilder("abc").Insert(0, "-").Remove(1, 1).Length', "3"),
        ('string.Format("{0:N2} {1,4}|{2:X}", 1234.5, "x", 255)', "1,234.50    x|FF"),
        ('string.Format(CultureInfo.InvariantCulture, "{0}", 1.5)', "1.5"),
        ('$"{1.5:F2}|{5,4}|{\'c\'}|{1.10m}|{true,6}"', "1.50|   5|c|1.10|  True"),
        ('StringComparer.OrdinalIgnoreCase.Equals("a", "A")', "True"),
        ('"abc".ToCharArray()[2]', "c"),
        ('"abc".IndexOfAny(new[] {\'c\', \'b\'})', "1"),
        ("Environment.NewLine.Length", "2"),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, text: str, expected: str) -> None:
    """What each expression is worth, as text."""
    assert evaluate(f'"" + ({text})', vm=vm) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('"abc".Substring(4)', "startIndex cannot be larger than length of string. (Parameter 'startIndex')"),
        ('"abc"[3]', "Index was outside the bounds of the array."),
        ('"a".PadLeft(2000000000)', "Insufficient memory to continue the execution of the program."),
        ('"a".Contains(null)', "Object reference not set to an instance of an object."),
        ('"a".Replace("", "b")', "String cannot be of zero length. (Parameter 'oldValue')"),
        ('string.Format("{1}", 1)',
         "Index (zero based) must be greater than or equal to zero and less than the size of the argument list."),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, text: str, message: str) -> None:
    """What .NET throws, an expression throws."""
    with pytest.raises(Thrown) as thrown:
        evaluate(f'"" + ({text})', vm=vm)
    assert str(thrown.value) == message
