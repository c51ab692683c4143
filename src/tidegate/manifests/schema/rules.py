"""Rules between fields that a CRD states in CEL: said at the field that breaks them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Final, Literal, TypeVar

from pydantic import AfterValidator, ValidationInfo
from pydantic_core import PydanticCustomError, PydanticKnownError

T = TypeVar("T", bound=Hashable)
S = TypeVar("S", bound=Sequence[Any])

AT: Final = "tidegate_at"
"""The type of an error that names its own place."""

SALVAGE: Final = "salvage"
"""The validation context in which limits on numbers do not count: what is salvaged only refuses, and must refuse all
of what was written."""


def wrong_at(path: tuple[str | int, ...], expected: str) -> PydanticCustomError:
    """An error at `path` below the value that is being validated; `expected` completes "must be ..."."""
    return PydanticCustomError(AT, "{expected}", {"path": path, "expected": expected})


def repeated(values: Iterable[T]) -> int | None:
    """The index of the first value that stood before."""
    seen: set[T] = set()
    for index, value in enumerate(values):
        if value in seen:
            return index
        seen.add(value)
    return None


def at_most(limit: int) -> Any:
    """A list of no more than `limit` entries, except while salvaging."""

    def within(value: S, info: ValidationInfo) -> S:
        if len(value) > limit and info.context != SALVAGE:
            raise PydanticKnownError(
                "too_long", {"field_type": "List", "max_length": limit, "actual_length": len(value)}
            )
        return value

    return AfterValidator(within)


def distinct(what: str, key: Callable[[Any], Hashable] = lambda value: value) -> Any:
    """A list in which no two entries have the same key."""

    def each_once(value: S) -> S:
        if (index := repeated(key(one) for one in value)) is not None:
            raise wrong_at((index,), f"{what} that is not in the list already")
        return value

    return AfterValidator(each_once)


def salvaging(info: ValidationInfo) -> bool:
    """Whether limits on numbers do not count now."""
    return info.context == SALVAGE


Context = Literal["salvage"] | None
