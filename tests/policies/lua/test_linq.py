"""System.Linq.Enumerable: what it gives, and what it throws.

Values: the .NET reference pages of Enumerable's methods; where a page's example is of objects, its rule is tested.
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaRuntime

from lua_values import shown, thrown

NUMBERS = "{n = 5, 3, 1, 4, 1, 5}"
WORDS = "{n = 4, 'pear', 'Apple', nil, 'apple'}"
EMPTY = "{n = 0}"
ODD = "function(x) return x % 2 == 1 end"
BIG = "function(x) return x > 9 end"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"R.seq_select({NUMBERS}, function(x) return x * x end)", "5:9,1,16,1,25"),
        (f"R.seq_select({NUMBERS}, function(x, i) return i end)", "5:0,1,2,3,4"),
        (f"R.seq_select({WORDS}, function(x) return x end)", "4:pear,Apple,null,apple"),
        (f"R.seq_where({NUMBERS}, {ODD})", "4:3,1,1,5"),
        (f"R.seq_where({NUMBERS}, function(x, i) return i > 2 end)", "2:1,5"),
        ("R.seq_select_many({n = 2, 'ab', 'c'}, function(x) return x end)", "3:97,98,99"),
        ("R.seq_select_many({n = 2, 1, 2}, function(x) return {n = x, x, x} end, function(a, b) return a + b end)",
         "3:2,4,4"),
        (f"R.seq_zip({NUMBERS}, {{n = 2, 10, 20}}, function(a, b) return a + b end)", "2:13,21"),
        (f"R.seq_skip({NUMBERS}, 3)", "2:1,5"),
        (f"R.seq_skip({NUMBERS}, -3)", "5:3,1,4,1,5"),
        (f"R.seq_skip({NUMBERS}, 9)", "0:"),
        (f"R.seq_take({NUMBERS}, 2)", "2:3,1"),
        (f"R.seq_take({NUMBERS}, -2)", "0:"),
        (f"R.seq_take_last({NUMBERS}, 2)", "2:1,5"),
        (f"R.seq_skip_last({NUMBERS}, 2)", "3:3,1,4"),
        (f"R.seq_take_while({NUMBERS}, {ODD})", "2:3,1"),
        (f"R.seq_skip_while({NUMBERS}, {ODD})", "3:4,1,5"),
        (f"R.seq_distinct({NUMBERS})", "4:3,1,4,5"),
        (f"R.seq_distinct({WORDS})", "4:pear,Apple,null,apple"),
        ("R.seq_distinct({n = 3, nil, nil, 1})", "2:null,1"),
        (f"R.seq_union({NUMBERS}, {{n = 3, 9, 3, 8}})", "6:3,1,4,5,9,8"),
        (f"R.seq_except({NUMBERS}, {{n = 2, 1, 4}})", "2:3,5"),
        (f"R.seq_intersect({NUMBERS}, {{n = 3, 5, 1, 1}})", "2:1,5"),
        (f"R.seq_concat({NUMBERS}, {NUMBERS})", "10:3,1,4,1,5,3,1,4,1,5"),
        (f"R.seq_append({EMPTY}, nil)", "1:null"),
        (f"R.seq_prepend({NUMBERS}, 0)", "6:0,3,1,4,1,5"),
        (f"R.seq_default_if_empty({EMPTY}, 7)", "1:7"),
        (f"R.seq_reverse({NUMBERS})", "5:5,1,4,1,3"),
        ("R.seq_range(-1, 3)", "3:-1,0,1"),
        ("R.seq_repeated('x', 2)", "2:x,x"),
        ("R.seq_of_type({n = 4, 'a', 1, nil, true}, 'string')", "1:a"),
        ("R.seq_cast_all({n = 2, 'a', 'b'}, 'string')", "2:a,b"),
        (f"R.seq_order_by({NUMBERS}, function(x) return x end, false)", "5:1,1,3,4,5"),
        (f"R.seq_order_by({NUMBERS}, function(x) return x end, true)", "5:5,4,3,1,1"),
        ("R.seq_order_by({n = 4, 'bb', 'a', 'cc', 'd'}, function(x) return #x end, false)", "4:a,d,bb,cc"),
        ("R.seq_order_by({n = 4, 'bb', 'a', 'cc', 'd'}, function(x) return #x end, true)", "4:bb,cc,a,d"),
        ("R.seq_then_by(R.seq_order_by({n = 4, 'bb', 'a', 'cc', 'd'}, function(x) return #x end, true), "
         "function(x) return x end, true)", "4:cc,bb,d,a"),
        ("R.seq_order_by({n = 4, 2, 0/0, 1, nil}, function(x) return x end, false)", None),
    ],
)  # fmt: skip
def test_sequences(vm: LuaRuntime, expression: str, expected: str | None) -> None:
    """Operators that give a sequence."""
    if expected is None:
        expected = "4:null,-nan,1,2"
        # NaN has no text as an int, so only its place is looked at.
        items = vm.execute(f"local s = {expression}; return s[1] == nil and s[2] ~= s[2] and s[3] == 1".encode())
        assert items is True
        return
    assert shown(vm, expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (f"R.seq_first({NUMBERS})", 3), (f"R.seq_last({NUMBERS})", 5), (f"R.seq_first({NUMBERS}, {ODD})", 3),
        (f"R.seq_last({NUMBERS}, function(x) return x < 5 end)", 1), (f"R.seq_first_or_default({EMPTY}, 'int')", 0),
        (f"R.seq_first_or_default({EMPTY}, 'string')", None), (f"R.seq_first_or_default({NUMBERS}, 'int', {BIG})", 0),
        (f"R.seq_single({NUMBERS}, function(x) return x == 4 end)", 4),
        (f"R.seq_single_or_default({NUMBERS}, 'int', {BIG})", 0),
        (f"R.seq_last_or_default({NUMBERS}, 'int', {BIG})", 0), (f"R.seq_element_at({NUMBERS}, 2)", 4),
        (f"R.seq_element_at_or_default({NUMBERS}, 5, 'bool')", False), (f"R.seq_any({NUMBERS}, {ODD})", True),
        (f"R.seq_any({EMPTY})", False), (f"R.seq_all({EMPTY}, {ODD})", True), (f"R.seq_all({NUMBERS}, {ODD})", False),
        (f"R.seq_count_where({NUMBERS}, {ODD})", 4), (f"R.seq_has({NUMBERS}, 4)", True),
        (f"R.seq_has({WORDS}, nil)", True), (f"R.seq_has({WORDS}, 'APPLE')", False),
        (f"R.seq_has({WORDS}, 'x')", False), (f"R.seq_equal({NUMBERS}, {NUMBERS})", True),
        (f"R.seq_equal({NUMBERS}, {EMPTY})", False), (f"R.seq_sum({NUMBERS}, 'int')", 14),
        (f"R.seq_sum({EMPTY}, 'int')", 0), ("R.seq_sum({n = 2, 0.5, 0.25}, 'double')", 0.75),
        (f"R.seq_average({NUMBERS}, 'int')", 2.8), (f"R.seq_min({NUMBERS}, 'int')", 1),
        (f"R.seq_max({NUMBERS}, 'int')", 5), (f"R.seq_max({NUMBERS}, 'int', function(x) return -x end)", -1),
        (f"R.seq_min({EMPTY}, 'string')", None), (f"R.seq_aggregate({NUMBERS}, function(a, x) return a - x end)", -8),
        (f"R.seq_aggregate_from({EMPTY}, 7, {ODD})", 7),
        (f"R.seq_aggregate_from({NUMBERS}, 1, function(a, x) return a + x end, function(a) return -a end)", -15),
    ],
)  # fmt: skip
def test_values(vm: LuaRuntime, expression: str, expected: object) -> None:
    """Operators that give one value."""
    value = vm.execute(f"return {expression}".encode())
    assert value == expected
    assert type(value) is type(expected) or isinstance(value, (int, float))


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (f"R.seq_first({EMPTY})", "Sequence contains no elements"),
        (f"R.seq_first({NUMBERS}, {BIG})", "Sequence contains no matching element"),
        (f"R.seq_last({EMPTY})", "Sequence contains no elements"),
        (f"R.seq_single({NUMBERS})", "Sequence contains more than one element"),
        (f"R.seq_single({NUMBERS}, {ODD})", "Sequence contains more than one matching element"),
        (f"R.seq_single_or_default({NUMBERS}, 'int')", "Sequence contains more than one element"),
        (f"R.seq_min({EMPTY}, 'int')", "Sequence contains no elements"),
        (f"R.seq_average({EMPTY}, 'double')", "Sequence contains no elements"),
        (f"R.seq_aggregate({EMPTY}, {ODD})", "Sequence contains no elements"),
        ("R.seq_sum({n = 2, 2147483647, 1}, 'int')", "Arithmetic operation resulted in an overflow."),
        ("R.seq_sum({n = 2, 9223372036854775807LL, 1LL}, 'long')", "Arithmetic operation resulted in an overflow."),
        ("R.seq_sum({n = 2, -9223372036854775807LL, -2LL}, 'long')", "Arithmetic operation resulted in an overflow."),
        ("R.seq_range(2147483647, 2)", "Specified argument was out of the range of valid values. (Parameter 'count')"),
        ("R.seq_repeated(1, -1)", "Specified argument was out of the range of valid values. (Parameter 'count')"),
        (f"R.seq_element_at({EMPTY}, 0)", "Index was out of range. Must be non-negative and less than the size of the "
         "collection. (Parameter 'index')"),
        ("R.seq_cast_all({n = 1, 1}, 'string')", "Unable to cast object of type 'int' to type 'string'."),
        ("R.seq_to_dictionary({n = 2, 'a', 'a'}, function(x) return x end)",
         "An item with the same key has already been added. Key: a"),
        ("R.seq_select(nil, tostring)", "Value cannot be null. (Parameter 'source')"),
    ],
)  # fmt: skip
def test_exceptions(vm: LuaRuntime, statement: str, message: str) -> None:
    """InvalidOperationException, OverflowException and so on, with their texts."""
    assert thrown(vm, statement) == message


def test_sums_of_long(vm: LuaRuntime) -> None:
    """64 bits; the average is a double."""
    source = b"local s = {n = 3, 9007199254740993LL, 2LL, -1LL} return tostring(R.seq_sum(s, 'long'))"
    assert vm.execute(source) == b"9007199254740994LL"
    assert vm.execute(b"return R.seq_average({n = 2, 1LL, 2LL}, 'long')") == 1.5


def test_groups(vm: LuaRuntime) -> None:
    """Groups stand in the order of their keys' first appearance; null is a key."""
    vm.execute(b"g = R.seq_group_by({n = 5, 'ab', 'c', 'ad', nil, 'cx'}, function(x) return x and x:sub(1, 1) end)")
    assert shown(vm, "R.seq_select(g, function(x) return x.key end)") == "3:a,c,null"
    assert shown(vm, "g[1]") == "2:ab,ad"
    assert shown(vm, "R.seq_group_into({n = 3, 1, 2, 3}, function(x) return x % 2 end, "
                     "function(k, s) return k * 10 + s.n end)") == "2:12,1"  # fmt: skip
    vm.execute(b"l = R.seq_to_lookup({n = 3, 1, 2, 3}, function(x) return x % 2 end)")
    assert shown(vm, "R.seq_lookup_get(l, 1)") == "2:1,3"
    assert shown(vm, "R.seq_lookup_get(l, 7)") == "0:"
    assert shown(vm, "R.seq_join({n = 2, 1, 2}, {n = 2, 2, 4}, function(x) return x end, "
                     "function(x) return x / 2 end, function(a, b) return a * 10 + b end)") == "2:12,24"  # fmt: skip


def test_sorting_is_stable(vm: LuaRuntime) -> None:
    """Equal keys keep their order, for many elements."""
    source = b"""
    local items = R.seq_range(0, 1000)
    local s = R.seq_order_by(items, function(x) return x % 7 end, false)
    for i = 2, 1000 do
      local a, b = s[i - 1], s[i]
      if a % 7 > b % 7 or (a % 7 == b % 7 and a > b) then return i end
    end
    return "stable"
    """
    assert vm.execute(source) == b"stable"
