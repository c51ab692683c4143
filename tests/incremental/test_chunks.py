"""Chunks: every item once and in order, and a change touches one of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidegate.incremental import Chunk, chunked


@given(st.lists(st.integers(), unique=True))
def test_chunks_hold_every_item_in_order(items: list[int]) -> None:
    """Whatever the items are."""
    chunks = chunked(items, size=4)
    assert [item for chunk in chunks for item in chunk] == items
    assert all(len(chunk) for chunk in chunks)


@given(st.lists(st.integers(), unique=True, max_size=200), st.data())
def test_one_item_more_touches_at_most_two_chunks(items: list[int], data: st.DataObject) -> None:
    """A new item may divide a chunk; the others are what they were."""
    place = data.draw(st.integers(0, len(items)))
    new = data.draw(st.integers().filter(lambda n: n not in items))
    before, after = chunked(items, size=4), chunked([*items[:place], new, *items[place:]], size=4)
    assert len(set(after) - set(before)) <= 2


def test_equal_chunks_are_one_argument() -> None:
    """Made apart from each other, they still name the same query."""
    left, right = Chunk((1, 2)), Chunk((1, 2))
    assert left == right
    assert hash(left) == hash(right)
    assert left != Chunk((2, 1))
    assert left != (1, 2)
    assert repr(left) == "Chunk(1, 2)"
