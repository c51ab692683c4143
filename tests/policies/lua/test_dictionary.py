"""Dictionaries and sets.

Values: the .NET reference pages of Dictionary<TKey, TValue> and HashSet<T>.
"""

from __future__ import annotations

from lupa.luajit21 import LuaRuntime

from lua_values import shown, thrown

FOLDING = "R.string_comparer(5)"


def test_dictionary(vm: LuaRuntime) -> None:
    """Add, assign, read, remove; enumerated in the order of insertion."""
    vm.execute(b"d = R.new_dictionary(); R.dictionary_add(d, 'b', 1); R.dictionary_set(d, 'a', nil)")
    assert shown(vm, "d") == "2:[b, 1],[a, ]"
    assert vm.execute(b"return R.dictionary_get(d, 'b'), R.dictionary_get(d, 'a')") == (1, None)
    assert vm.execute(b"return R.dictionary_try(d, 'a', 'int')") == (True, None)
    assert vm.execute(b"return R.dictionary_try(d, 'x', 'int')") == (False, 0)
    assert vm.execute(b"return R.dictionary_value_or(d, 'x', 5), R.dictionary_has(d, 'a')") == (5, True)
    assert vm.execute(b"return R.dictionary_has_value(d, nil), R.dictionary_has_value(d, 2)") == (True, False)
    vm.execute(b"R.dictionary_set(d, 'b', 2); R.dictionary_add(d, 'c', 3); R.dictionary_remove(d, 'a')")
    assert shown(vm, "d") == "2:[b, 2],[c, 3]"
    assert vm.execute(b"return R.dictionary_get(d, 'c'), R.dictionary_remove(d, 'zz')") == (3, False)
    assert shown(vm, "R.dictionary_keys(d)") == "2:b,c"
    assert shown(vm, "R.dictionary_values(d)") == "2:2,3"
    assert shown(vm, "R.new_dictionary(d)") == "2:[b, 2],[c, 3]"
    vm.execute(b"R.dictionary_clear(d)")
    assert shown(vm, "d") == "0:"


def test_dictionary_exceptions(vm: LuaRuntime) -> None:
    """A missing key, a key twice, null as key."""
    assert thrown(vm, "R.dictionary_get(d, 'x')") == "The given key 'x' was not present in the dictionary."
    vm.execute(b"R.dictionary_add(d, 'x', 1)")
    assert thrown(vm, "R.dictionary_add(d, 'x', 1)") == "An item with the same key has already been added. Key: x"
    assert thrown(vm, "R.dictionary_set(d, nil, 1)") == "Value cannot be null. (Parameter 'key')"


def test_keys_of_every_type(vm: LuaRuntime) -> None:
    """Equal keys are one; keys of different types are not."""
    vm.execute(b"d = R.new_dictionary()")
    for number, key in enumerate(
        ("'1'", "1", "1LL", "true", "0/0", "R.tuple(2, 'a', 1)", "'\\0NaN'", "R.box('byte', 1)")
    ):
        vm.execute(f"R.dictionary_add(d, {key}, {number})".encode())
    assert vm.execute(b"return d.n") == 8
    assert vm.execute(b"return R.dictionary_get(d, 1LL), R.dictionary_get(d, 0/0)") == (2, 4)
    assert vm.execute(b"return R.dictionary_get(d, R.tuple(2, 'a', 1)), R.dictionary_get(d, 1)") == (5, 1)


def test_comparer(vm: LuaRuntime) -> None:
    """A StringComparer decides which keys are equal; the first spelling stays."""
    vm.execute(f"d = R.new_dictionary(nil, {FOLDING}); R.dictionary_set(d, 'Key', 1)".encode())
    vm.execute(b"R.dictionary_set(d, 'KEY', 2)")
    assert shown(vm, "d") == "1:[Key, 2]"
    assert shown(vm, f"R.seq_distinct({{n = 3, 'a', 'A', 'b'}}, {FOLDING})") == "2:a,b"
    assert vm.execute(f"return R.seq_has({{n = 1, 'POST'}}, 'post', {FOLDING})".encode()) is True


def test_set(vm: LuaRuntime) -> None:
    """Add tells whether the element is new; the operators of sets."""
    vm.execute(b"s = R.new_set({n = 3, 1, 2, 1})")
    assert shown(vm, "s") == "2:1,2"
    assert vm.execute(b"return R.set_add(s, 2), R.set_add(s, 3), R.set_add(s, nil), R.set_add(s, nil)") == (
        False, True, True, False)  # fmt: skip
    assert shown(vm, "s") == "4:1,2,3,null"
    assert vm.execute(b"return R.set_has(s, nil), R.set_remove(s, nil), R.set_remove(s, nil)") == (True, True, False)
    assert vm.execute(b"return R.set_is_superset(s, {n = 2, 1, 3}), R.set_is_subset(s, {n = 1, 1})") == (True, False)
    assert vm.execute(b"return R.set_overlaps(s, {n = 2, 9, 3}), R.set_equals(s, {n = 4, 3, 2, 1, 1})") == (True, True)
    vm.execute(b"R.set_union(s, {n = 1, 9}) R.set_except(s, {n = 1, 1}) R.set_intersect(s, {n = 2, 9, 2})")
    assert shown(vm, "s") == "2:2,9"
