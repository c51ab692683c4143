"""List's ranges, ICollection over what may change and what may not, Queue and Stack.

Values: the .NET reference pages of List<T>.InsertRange and RemoveRange, Queue<T> and Stack<T>.
"""

from __future__ import annotations

from lupa.luajit21 import LuaRuntime

from lua_values import shown, thrown


def test_ranges(vm: LuaRuntime) -> None:
    """Several elements at once, also the list's own."""
    vm.execute(b"l = R.new_list({n = 3, 1, 2, 3}); R.list_insert_range(l, 1, l)")
    assert shown(vm, "l") == "6:1,1,2,3,2,3"
    vm.execute(b"R.list_remove_range(l, 0, 4)")
    assert shown(vm, "l") == "2:2,3"
    assert thrown(vm, "R.list_insert_range(l, 3, l)").startswith("Index must be within the bounds")
    assert thrown(vm, "R.list_remove_range(l, 1, 2)").startswith("Offset and length were out of bounds")
    assert thrown(vm, "R.list_range(l, -1, 1)").startswith("Offset and length were out of bounds")


def test_collections_by_their_interface(vm: LuaRuntime) -> None:
    """A list and a set change; an array does not."""
    vm.execute(b"l, s = R.new_list(), R.new_set(); R.collection_add(l, 1); R.collection_add(s, 1)")
    assert shown(vm, "l") == shown(vm, "s") == "1:1"
    assert vm.execute(b"return R.collection_remove(l, 1), R.collection_remove(s, 2)") == (True, False)
    vm.execute(b"R.collection_clear(s)")
    assert shown(vm, "s") == "0:"
    assert thrown(vm, "R.collection_add({n = 1, 'a'}, 'b')") == "Collection was of a fixed size."


def test_queue_and_stack(vm: LuaRuntime) -> None:
    """First in, first out; last in, first out, also when they are enumerated."""
    vm.execute(b"q, s = R.new_queue({n = 2, 1, 2}), R.new_stack({n = 2, 1, 2})")
    vm.execute(b"R.list_add(q, 3); R.stack_push(s, 3)")
    assert shown(vm, "q") == "3:1,2,3"
    assert shown(vm, "s") == "3:3,2,1"
    assert vm.execute(b"return R.take_first(q), R.take_first(s), R.take_first(q, true)") == (1, 3, 2)
    assert vm.execute(b"return R.try_take_first(q, 'int')") == (True, 2)
    assert vm.execute(b"return R.try_take_first(R.new_stack(), 'int')") == (False, 0)
    assert thrown(vm, "R.take_first(R.new_queue())") == "Queue empty."
    assert thrown(vm, "R.take_first(R.new_stack(), true)") == "Stack empty."
    assert vm.execute(b"return R.type_of(q), R.type_of(s), R.count_of(q)") == (b"Queue", b"Stack", 1)
