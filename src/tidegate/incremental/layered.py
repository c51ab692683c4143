"""A table of which a changed copy costs what was changed, not what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_GONE: Final[Any] = object()
_SHARE: Final = 8
"""Changes are kept apart until they are this part of the whole."""


class Layered(Generic[K, V]):
    """A mapping without None: a table that is shared with older copies, and what is different here."""

    __slots__ = ("_below", "_here", "_length")

    def __init__(self) -> None:
        self._below: dict[K, V] = {}
        self._here: dict[K, V] = {}
        self._length = 0

    def copy(self) -> Layered[K, V]:
        """A copy; neither sees the other's changes from now on. Costs what has changed since `settle`."""
        other: Layered[K, V] = Layered()
        other._below, other._here, other._length = self._below, dict(self._here), self._length
        return other

    def settle(self) -> None:
        """Make copies cheap again, where much has changed."""
        if len(self._here) * _SHARE <= len(self._below):
            return
        below = dict(self._below)  # copied at once, much faster than entry by entry
        for key, value in self._here.items():
            if value is _GONE:
                del below[key]
            else:
                below[key] = value
        self._below, self._here = below, {}

    def get(self, key: K) -> V | None:
        """The value, or None."""
        value = self._here.get(key)
        if value is None:
            return self._below.get(key)
        return None if value is _GONE else value

    def __contains__(self, key: K) -> bool:
        return self.get(key) is not None

    def __setitem__(self, key: K, value: V) -> None:
        if self.get(key) is None:
            self._length += 1
        self._here[key] = value

    def pop(self, key: K) -> V | None:
        """Take a value out; None if there is none."""
        value = self.get(key)
        if value is not None:
            self._length -= 1
            if key in self._below:
                self._here[key] = _GONE
            else:
                del self._here[key]
        return value

    def __len__(self) -> int:
        return self._length

    def items(self) -> Iterator[tuple[K, V]]:
        """Every entry, in no order that means anything."""
        here = self._here
        yield from ((key, value) for key, value in self._below.items() if key not in here)
        yield from ((key, value) for key, value in here.items() if value is not _GONE)

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in self.items())

    def values(self) -> Iterator[V]:
        return (value for _, value in self.items())
