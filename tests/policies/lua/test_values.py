"""What every object has: its type, text, equality, hash, order; boxes and casts."""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from expression_lab import Thrown
from runtime_values import text, value

VALUES = (
    "nil", '"a"',
    '"5"', '"\\0long\\0005"', "5", "true", "false", "5LL", "5ULL", 'R.box("double", 5)', 'R.box("float", 5)',
    'R.box("char", 5)', 'R.box("uint", 5)', 'R.decimal("5")', 'R.decimal("5.5")', "R.timespan(5LL)",
    "R.datetime(5LL, 0)",
    "R.guid_empty()", 'R.box("StringComparison", 5)', 'R.new_uri("http://a/")',
)  # fmt: skip
"""All different."""


def test_equality_and_hash(vm: LuaRuntime) -> None:
    """Values equal themselves only, and their hashes say the same."""
    for i, a in enumerate(VALUES):
        for j, b in enumerate(VALUES):
            assert value(vm, f"R.equals({a}, {b})") is (i == j), (a, b)
            assert value(vm, f"R.hash({a}) == R.hash({b})") is (i == j), (a, b)


def test_equal_by_value(vm: LuaRuntime) -> None:
    """Decimals by value, NaN to itself, references by identity."""
    assert value(vm, 'R.equals(R.decimal("1.50"), R.decimal("1.5"))') is True
    assert value(vm, 'R.equals(R.box("double", 0/0), R.box("double", 0/0))') is True
    assert value(vm, "R.equals({n = 0}, {n = 0})") is False
    assert value(vm, "(function() local a = {n = 0} return R.equals(a, a) and R.hash(a) == R.hash(a) end)()") is True


@pytest.mark.parametrize(
    ("lua", "type_", "shown"),
    [
        ('"a"', "string", "a"), ("5", "int", "5"), ("true", "bool", "True"), ("5LL", "long", "5"),
        ("5ULL", "ulong", "5"),
        ('R.box("double", 0.1)', "double", "0.1"), ('R.box("char", 97)', "char", "a"),
        ('R.decimal("1.50")', "decimal", "1.50"),
        ("{n = 0}", "string[]", "System.String[]"), ('R.bytes("a")', "byte[]", "System.Byte[]"), ("nil", "null", ""),
        ("R.guid_empty()", "Guid", "00000000-0000-0000-0000-000000000000"),
        ('R.box("UriKind", 1)', "UriKind", "Absolute"),
    ],
)  # fmt: skip
def test_types_and_texts(vm: LuaRuntime, lua: str, type_: str, shown: str) -> None:
    """The .NET name, and ToString."""
    assert value(vm, f"R.type_of({lua})") == type_
    assert text(vm, lua) == shown


def test_casts(vm: LuaRuntime) -> None:
    """To the exact type, object, or a base; null to references only."""
    assert value(vm, 'R.unbox(R.box("double", 1.5), "double")') == 1.5
    assert value(vm, 'R.unbox(5LL, "long")') == "5"
    assert value(vm, 'R.unbox(nil, "string")') is None
    assert value(vm, 'R.unbox(nil, "int?")') is None
    assert value(vm, 'R.unbox(7, "int?")') == 7
    assert value(vm, 'R.unbox({n = 0}, "IEnumerable").n') == 0
    assert value(vm, 'R.is(5, "int") and not R.is(5, "long") and not R.is(nil, "object")') is True
    assert value(vm, 'R.as("a", "string")') == "a"
    assert value(vm, 'R.as("a", "Guid")') is None
    for call, message in (
        ('R.unbox(5, "long")', "Unable to cast object of type 'int' to type 'long'."),
        ('R.unbox(R.box("double", 5), "int")', "Unable to cast object of type 'double' to type 'int'."),
        ('R.unbox(nil, "decimal")', "Object reference not set to an instance of an object."),
        ('R.unbox(nil, "double")', "Object reference not set to an instance of an object."),
        ("R.not_null(nil)", "Object reference not set to an instance of an object."),
    ):
        with pytest.raises(Thrown) as thrown:
            value(vm, call)
        assert str(thrown.value) == message


def test_order(vm: LuaRuntime) -> None:
    """Null first; one type with itself only."""
    for a, b, expected in (
        ("nil", "1", -1), ("1", "nil", 1), ("nil", "nil", 0), ("1", "2", -1), ("2LL", "1LL", 1), ("false", "true", -1),
        ('"a"', '"B"', -1), ('R.decimal("1.5")', 'R.decimal("1.50")', 0),
        ('R.box("double", 0/0)', 'R.box("double", 1)', -1),
        ("R.timespan(1LL)", "R.timespan(2LL)", -1),
    ):  # fmt: skip
        assert value(vm, f"R.compare({a}, {b})") == expected
    with pytest.raises(Thrown, match="Object must be of type int"):
        value(vm, 'R.compare(1, "a")')
    with pytest.raises(Thrown, match="At least one object must implement IComparable"):
        value(vm, "R.compare({n = 0}, {n = 0})")
