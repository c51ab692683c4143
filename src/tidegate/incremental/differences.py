"""What is different between two sequences of thousands of objects, of which few change at a time.

Objects are told by identity: whoever makes the second sequence uses what has not changed again, the very objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from operator import is_
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Difference(NamedTuple, Generic[T]):
    """From one sequence to another."""

    new: Sequence[T]
    gone: Sequence[T]
    in_order: bool
    """Whether what stayed is in the same order."""


def difference(old: Sequence[T], new: Sequence[T]) -> Difference[T]:
    """What came, and what went. No object may stand twice in a sequence."""
    # Most of both is the same from the start on and from the end on; that much is told without a loop of our own.
    shorter = min(len(old), len(new))
    start = _common(bytes(map(is_, old, new)), shorter)
    rest = shorter - start
    end = _common(bytes(map(is_, islice(reversed(old), rest), islice(reversed(new), rest))), rest)
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    were, are = set(map(id, old)), set(map(id, new))
    stayed = [id(each) for each in old if id(each) in are]
    kept = [id(each) for each in new if id(each) in were]
    return Difference(
        [each for each in new if id(each) not in were], [each for each in old if id(each) not in are], stayed == kept
    )


def _common(same: bytes, otherwise: int) -> int:
    first_other = same.find(0)
    return otherwise if first_other < 0 else first_other
