"""Two sequences, told apart by identity."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.incremental import difference

_ORDERS = st.lists(st.integers(0, 9), unique=True)


@given(_ORDERS, _ORDERS)
def test_what_came_and_what_went(first: list[int], second: list[int]) -> None:
    """In their own order; and whether the others moved."""
    things = [object() for _ in range(10)]
    old, new = tuple(things[index] for index in first), tuple(things[index] for index in second)
    result = difference(old, new)
    assert list(result.new) == [each for each in new if each not in old]
    assert list(result.gone) == [each for each in old if each not in new]
    assert result.in_order == ([each for each in old if each in new] == [each for each in new if each in old])


def test_equal_objects_are_two() -> None:
    """Identity counts: what is remembered hangs on the object."""
    old, new = ([],), ([],)
    assert difference(old, new) == (list(new), list(old), True)
