"""Arrays, lists and what enumerates.

Values: the examples of the .NET reference pages of List<T>, Array and Buffer.BlockCopy.
"""

from __future__ import annotations

import pytest
from lupa.luajit21 import LuaError, LuaRuntime

from lua_values import shown, thrown


def test_list_changes(vm: LuaRuntime) -> None:
    """Add, Insert, Remove, RemoveAt, RemoveAll, Reverse and Sort work on the list itself."""
    steps = [
        ("R.list_add(l, 4)", "4:3,1,2,4"),
        ("R.list_insert(l, 0, 9)", "5:9,3,1,2,4"),
        ("R.list_insert(l, 5, 8)", "6:9,3,1,2,4,8"),
        ("R.list_remove(l, 1)", "5:9,3,2,4,8"),
        ("R.list_remove(l, 77)", "5:9,3,2,4,8"),
        ("R.list_remove_at(l, 4)", "4:9,3,2,4"),
        ("R.array_reverse(l)", "4:4,2,3,9"),
        ("R.array_sort(l)", "4:2,3,4,9"),
        ("R.list_remove_all(l, function(x) return x > 3 end)", "2:2,3"),
        ("R.list_add_range(l, l)", "4:2,3,2,3"),
        ("R.set_element(l, 1, 7)", "4:2,7,2,3"),
        ("R.list_clear(l)", "0:"),
    ]
    vm.execute(b"l = R.new_list({n = 3, 3, 1, 2})")
    for step, expected in steps:
        vm.execute(f"local _ = {step}".encode())
        assert shown(vm, "l") == expected, step


def test_indices_outside(vm: LuaRuntime) -> None:
    """Arrays and lists throw .NET's own messages."""
    array, place = "Index was outside the bounds of the array.", "Index was out of range."
    assert thrown(vm, "R.element({n = 1, 5}, 1)") == array
    assert thrown(vm, "R.element({n = 1, 5}, -1)") == array
    assert thrown(vm, "R.set_element(R.bytes('ab'), 2, 1)") == array
    assert thrown(vm, "R.element(R.new_list(), 0)").startswith(place)
    assert thrown(vm, "R.list_remove_at(R.new_list(), 0)").startswith(place)
    assert thrown(vm, "R.list_insert(R.new_list(), 1, 5)").startswith("Index must be within the bounds")
    assert thrown(vm, "R.items(nil)") == "Value cannot be null. (Parameter 'source')"


def test_bytes_are_an_array(vm: LuaRuntime) -> None:
    """byte[] is indexed, enumerated, copied and made like other arrays."""
    assert shown(vm, "R.bytes('\\0A\\255')") == "3:0,65,255"
    vm.execute(b"b = R.new_array(4, 'byte'); R.set_element(b, 1, 255); R.array_copy(R.bytes('xyz'), 1, b, 2, 2)")
    assert vm.execute(b"return b.data") == b"\0\xffyz"
    assert vm.execute(b"return R.element(b, 1), R.count_of(b)") == (255, 4)
    assert vm.execute(b"return R.to_array(R.seq_concat(b, R.bytes('!')), 'byte').data") == b"\0\xffyz!"
    assert vm.execute(b"R.array_reverse(b); return b.data") == b"zy\xff\0"
    assert thrown(vm, "R.array_copy(b, 0, b, 1, 4)").startswith("Source array was not long enough")
    big = vm.execute(b"return #R.bytes_of(R.items(R.bytes(string.rep('x', 100000)))).data")
    assert big == 100_000


def test_overlapping_copy(vm: LuaRuntime) -> None:
    """Array.Copy within one array takes the old elements."""
    assert shown(vm, "a", "a = {n = 4, 1, 2, 3, 4}; R.array_copy(a, 0, a, 1, 3)") == "4:1,1,2,3"


def test_defaults(vm: LuaRuntime) -> None:
    """default(T)."""
    assert vm.execute(b"return R.default_of('int'), R.default_of('bool'), R.default_of('string')") == (0, False, None)
    assert vm.execute(b"return tostring(R.default_of('long'))") == b"0LL"
    assert shown(vm, "R.new_array(2, 'string')") == "2:null,null"
    assert shown(vm, "R.new_array(2, 'bool')") == "2:False,False"
    assert thrown(vm, "R.new_array(-1, 'int')") == "Arithmetic operation resulted in an overflow."


def test_a_string_enumerates_utf16_units(vm: LuaRuntime) -> None:
    """One for each char, two for those beyond U+FFFF."""
    assert shown(vm, "R.char_items('a\u00e9\u20ac\U0001f600')") == "5:97,233,8364,55357,56832"


def test_finding(vm: LuaRuntime) -> None:
    """Exists, Find, FindLast, FindIndex, IndexOf, LastIndexOf."""
    vm.execute(b"a = {n = 4, 'b', nil, 'c', 'b'} is_c = function(x) return x == 'c' end")
    assert vm.execute(b"return R.seq_index_of(a, 'b'), R.seq_last_index_of(a, 'b'), R.seq_index_of(a, nil)") == (
        0,
        3,
        1,
    )
    assert vm.execute(b"return R.find_index(a, is_c), R.find_element(a, is_c, 'string')") == (2, b"c")
    assert vm.execute(b"return R.find_element({n = 0}, is_c, 'int')") == 0
    assert vm.execute(b"return R.find_last_index(a, function() return false end)") == -1


def test_pairs_and_tuples(vm: LuaRuntime) -> None:
    """ToString and equality by parts."""
    assert vm.execute(b"return R.text(R.pair('a', 1))") == b"[a, 1]"
    assert vm.execute(b"return R.text(R.tuple(2, 'a', nil))") == b"(a, )"
    assert vm.execute(b"return R.equals(R.tuple(2, 1, nil), R.tuple(2, 1, nil))") is True
    assert vm.execute(b"return R.hash(R.tuple(2, 'a', 'b')) == R.hash(R.tuple(2, 'a', 'b'))") is True
    assert vm.execute(b"return R.hash(R.tuple(2, 'a:', 'b')) == R.hash(R.tuple(2, 'a', ':b'))") is False


def test_ticks_are_counted(vm: LuaRuntime) -> None:
    """Work over large sequences is charged, so that a request's budget bounds it."""
    source = b"""
    local before, spent = R.tick, 0
    R.tick = function(n) spent = spent + n end
    R.to_array(R.seq_range(0, 1000), "int")
    R.tick = before
    return spent
    """
    assert vm.execute(source) >= 2000


def test_a_mistake_is_no_net_exception(vm: LuaRuntime) -> None:
    """The helper of these tests lets errors of the library itself through."""
    with pytest.raises(LuaError):
        thrown(vm, "error('oops')")
