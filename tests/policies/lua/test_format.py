"""Composite formats, and ToString of what is boxed.

Vectors: the .NET page "Composite formatting" and "String.Format".
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import quoted, value


def composed(vm: LuaRuntime, pattern: str, *arguments: str) -> str:
    """string.Format of Lua values."""
    listed = "".join(f", {a}" for a in arguments)
    return str(value(vm, f"R.string_format({quoted(pattern)}, {{n = {len(arguments)}{listed}}})"))


@pytest.mark.parametrize(
    ("pattern", "arguments", "expected"),
    [
        ("Name = {0}, hours = {1:hh}", ['"Fred"', "R.date(2009, 6, 15, 13, 45, 30)"], "Name = Fred, hours = 01"),
        ("{0,-20} {1,5:N1}", ['"Adam"', 'R.box("double", 40)'], "Adam" + " " * 16 + "  40.0"),
        ("{0}{1}{0}", ["1", '"a"'], "1a1"),
        (
            "0x{0:X} {0:E} {0:N}",
            ["9223372036854775807LL"],
            "0x7FFFFFFFFFFFFFFF 9.223372E+018 9,223,372,036,854,775,807.00",
        ),
        ("{{{0}}}", ["5"], "{5}"),
        ("{0:D} {1} {2}", ["-7", "true", "nil"], "-7 True "),
        ("{ 0}", ["1"], None),
        ("{0 }", ["1"], "1"),
        ("{0, 5}|{0,-5}|", ['"a"'], "    a|a    |"),
        ("{0:0.0#}", ['R.box("double", 1.5)'], "1.5"),
        ("{0}", ['R.box("char", 97)'], "a"),
        ("{0:N2}", ['R.decimal("1234.5")'], "1,234.50"),
        ("{0:N}", ["R.guid_empty()"], "0" * 32),
        ("{0} {0:D} {0:X}", ['R.box("StringComparison", 5)'], "OrdinalIgnoreCase 5 00000005"),
        ("{0:anything}", ['"text"'], "text"),
    ],
)
def test_composite(vm: LuaRuntime, pattern: str, arguments: list[str], expected: str | None) -> None:
    """Indices, alignments and formats."""
    if expected is None:
        with pytest.raises(Thrown, match="Input string was not in a correct format"):
            composed(vm, pattern, *arguments)
    else:
        assert composed(vm, pattern, *arguments) == expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        (
            "{1}",
            "Index (zero based) must be greater than or equal to zero and less than the size of the argument list.",
        ),
        ("{", "Input string was not in a correct format."),
        ("}", "Input string was not in a correct format."),
        ("{0", "Input string was not in a correct format."),
        ("{-1}", "Input string was not in a correct format."),
        ("{0,x}", "Input string was not in a correct format."),
        ("{0:{}", "Input string was not in a correct format."),
        ("{9999999}", "Input string was not in a correct format."),
        ("{0,99999999}", "Input string was not in a correct format."),
    ],
)
def test_refused(vm: LuaRuntime, pattern: str, message: str) -> None:
    """Braces that do not close, indices without a value."""
    with pytest.raises(Thrown) as thrown:
        composed(vm, pattern, '"a"')
    assert str(thrown.value) == message


def test_pieces(vm: LuaRuntime) -> None:
    """A piece of an interpolated string: a value of a known type, its alignment, its format."""
    assert value(vm, 'R.format_piece(1.5, "double", 6, "F2")') == "  1.50"
    assert value(vm, 'R.format_piece("a", "string", -3)') == "a  "
    assert value(vm, 'R.format(nil, "object", "N")') == ""
    assert value(vm, 'R.format(5, "StringComparison")') == "OrdinalIgnoreCase"


def test_cultures(vm: LuaRuntime) -> None:
    """There is one."""
    assert value(vm, 'R.culture("") == R.culture()') is True
    with pytest.raises(Thrown, match="only the invariant culture"):
        value(vm, 'R.culture("de-DE")')
