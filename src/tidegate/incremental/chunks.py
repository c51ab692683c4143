"""Many items of which few change at a time, in chunks that are queries of their own.

A query over thousands of items would look at each of them again when one has changed. Over chunks of some dozens it
looks at one chunk's items and at the other chunks' answers. Where a chunk ends is decided by its items alone, so that
an item more or less changes one chunk, and not all behind it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Final, Generic, TypeVar

H = TypeVar("H", bound=Hashable)

SIZE: Final = 32
"""Items of a chunk, on average."""


class Chunk(Generic[H]):
    """Some items in their order; an argument of a query, so it knows its hash."""

    __slots__ = ("_hash", "items")

    def __init__(self, items: tuple[H, ...]) -> None:
        self.items = items
        self._hash = hash(items)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Chunk):
            return NotImplemented
        return self is other or (self._hash == other._hash and self.items == other.items)

    def __iter__(self) -> Iterator[H]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"Chunk({', '.join(map(str, self.items))})"


def chunked(items: Iterable[H], *, size: int = SIZE) -> tuple[Chunk[H], ...]:
    """The items, which differ, in their order, in chunks of about `size`."""
    chunks: list[Chunk[H]] = []
    current: list[H] = []
    for item in items:
        current.append(item)
        if hash(item) % size == 0:
            chunks.append(Chunk(tuple(current)))
            current = []
    if current:
        chunks.append(Chunk(tuple(current)))
    return tuple(chunks)
