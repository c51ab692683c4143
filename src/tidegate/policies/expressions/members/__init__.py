"""What can be asked of which type: the tables of members of all areas, each row with the Lua that answers.

Sources: the pages "API Management policy expressions" and the .NET reference; each area names its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tidegate.policies.expressions.members import (
    collections,
    context,
    crypto,
    encoding,
    json,
    numbers,
    regex,
    text,
    time,
    xml,
)
from tidegate.policies.expressions.members.row import INDEXER, MemberRow
from tidegate.policies.expressions.types import VARIABLES, Type

_AREAS: Final = (context, text, numbers, time, encoding, json, xml, regex, crypto, collections)

TYPES: Final[tuple[Type, ...]] = tuple(type_ for area in _AREAS for type_ in area.TYPES)
"""What casts, `new`, type arguments and statics may name, besides the types that the language has words for."""
MEMBERS: Final[tuple[MemberRow, ...]] = tuple(row for area in _AREAS for row in area.ROWS)


def _indexed() -> dict[tuple[str, str], tuple[MemberRow, ...]]:
    index: dict[tuple[str, str], list[MemberRow]] = {}
    for row in MEMBERS:
        index.setdefault((row.owner.name, row.name), []).append(row)
    return {key: tuple(listed) for key, listed in index.items()}


_INDEX: Final = _indexed()
"""By the owner's name without type arguments, and the member's name: looking up must cost nothing."""


def _owners(type_: Type) -> Iterator[Type]:
    """The type and all that it is too, nearest first."""
    yield type_
    for base in type_.bases:
        yield from _owners(base)


def rows(owner: Type, name: str, *, static: bool = False) -> tuple[MemberRow, ...]:
    """The member's overloads, with those of the type's bases."""
    return tuple(
        row
        for each in _owners(owner)
        for row in _INDEX.get((each.name, name), ())
        if row.static is static and _fits(row.owner, each)
    )


def _fits(declared: Type, given: Type) -> bool:
    """Whether a row of the declared type holds for the given one: `IEnumerable<string>`, or `IEnumerable<T>`."""
    return all(a == b or a.is_variable for a, b in zip(declared.arguments, given.arguments, strict=True))


def names(owner: Type, *, static: bool = False) -> tuple[str, ...]:
    """The names that can stand after a dot, for suggestions."""
    owners = tuple(_owners(owner))
    extra = ("GetValueOrDefault",) if owner is VARIABLES else ()
    listed = {
        row.name
        for row in MEMBERS
        if row.static is static and row.name != INDEXER and any(row.owner.name == o.name for o in owners)
    }
    return tuple(sorted(listed | set(extra)))
