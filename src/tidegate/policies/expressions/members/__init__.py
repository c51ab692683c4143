"""What can be asked of which type: the tables of members of all areas, each row with the Lua that answers.

Sources: the pages "API Management policy expressions" and the .NET reference; each area names its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, TypeAlias

from tidegate.policies.expressions.members import (
    collections,
    context,
    crypto,
    encoding,
    json,
    language,
    numbers,
    regex,
    text,
    time,
    tokens,
    xml,
)
from tidegate.policies.expressions.members.row import INDEXER, MemberRow
from tidegate.policies.expressions.types import KEYWORDS, OBJECT, VARIABLES, Type

_AREAS: Final = (context, language, text, numbers, time, encoding, json, xml, regex, crypto, tokens, collections)

TYPES: Final[tuple[Type, ...]] = tuple(dict.fromkeys(type_ for area in _AREAS for type_ in area.TYPES))
"""What casts, `new`, type arguments and statics may name, besides the types that the language has words for."""
MEMBERS: Final[tuple[MemberRow, ...]] = tuple(row for area in _AREAS for row in area.ROWS)

Bound: TypeAlias = tuple[MemberRow, Mapping[Type, Type], Type]
"""A row, what the type variables of its owner stand for, and that owner."""


_CONVERSIONS: Final = ("implicit", "explicit")


def _indexed() -> dict[tuple[str, str, bool], tuple[MemberRow, ...]]:
    index: dict[tuple[str, str, bool], list[MemberRow]] = {}
    for row in MEMBERS:
        index.setdefault((row.owner.name, row.name, row.static), []).append(row)
    return {key: tuple(listed) for key, listed in index.items()}


_INDEX: Final = _indexed()
"""By the owner's name without type arguments, and the member's name: looking up must cost nothing."""


def owners(type_: Type) -> Iterator[Type]:
    """The type and all that it is too, nearest first; object last."""
    yield from dict.fromkeys(_ancestry(type_))
    if type_.is_value and type_ != OBJECT:
        yield OBJECT


def _ancestry(type_: Type) -> Iterator[Type]:
    yield type_
    for base in type_.bases:
        yield from _ancestry(base)


@cache
def bound_rows(owner: Type, name: str, *, static: bool = False) -> tuple[Bound, ...]:
    """The member's overloads, nearest owners first. Of bases come only what the nearer owners do not have alike."""
    found: list[Bound] = []
    seen: set[object] = set()
    for each in owners(owner) if not static else (owner,):
        for row in _INDEX.get((each.name, name, static), ()):
            known = _binding(row.owner, each)
            # Conversions differ by what they give.
            key = (row.parameters, row.variables, row.result if name in _CONVERSIONS else None)
            if known is not None and key not in seen:
                seen.add(key)
                found.append((row, known, each))
    return tuple(found)


def _binding(declared: Type, given: Type) -> Mapping[Type, Type] | None:
    """What the declared owner's type variables stand for; None if the row is of another type: `IEnumerable<int>`."""
    if len(declared.arguments) != len(given.arguments):
        return None
    known: dict[Type, Type] = {}
    for variable, argument in zip(declared.arguments, given.arguments, strict=True):
        if variable.is_variable:
            known[variable] = argument
        elif variable.arguments and variable.name == argument.name:
            inner = _binding(variable, argument)
            if inner is None:
                return None
            known.update(inner)
        elif variable != argument:
            return None
    return known


def rows(owner: Type, name: str, *, static: bool = False) -> tuple[MemberRow, ...]:
    """The member's overloads, with those of the type's bases."""
    return tuple(row for row, _, _ in bound_rows(owner, name, static=static))


@cache
def names(owner: Type, *, static: bool = False) -> tuple[str, ...]:
    """The names that can stand after a dot, for suggestions."""
    listed = {each.name for each in (owners(owner) if not static else (owner,))}
    extra = ("GetValueOrDefault",) if owner is VARIABLES else ()
    known = {name for owner_name, name, is_static in _INDEX if owner_name in listed and is_static is static}
    return tuple(sorted({name for name in known if name[0].isalpha() and name[0].isupper()} | set(extra)))


@cache
def is_enumeration(type_: Type) -> bool:
    """A value type whose static members are constants of the type itself: the only such types that tables have."""
    if type_.is_reference or type_.arguments or not type_.is_value or type_ in KEYWORDS.values():
        return False
    constants = [row for name in names(type_, static=True) for row in rows(type_, name, static=True)]
    return bool(constants) and all(r.parameters is None and r.result == type_ and r.lua.isdigit() for r in constants)


def _named() -> dict[tuple[str, int], Type]:
    known: dict[tuple[str, int], Type] = {}
    for type_ in TYPES:
        arity = len(type_.arguments)
        for name in (type_.name, *type_.aliases):
            known.setdefault((name, arity), type_)
            known.setdefault((f"{type_.namespace}.{name}", arity), type_)
    return known


BY_NAME: Final = _named()
"""By name, also in full, and number of type arguments."""
NAMESPACES: Final = frozenset(
    ".".join(parts[: end + 1])
    for type_ in TYPES
    for parts in (type_.namespace.split("."),)
    for end in range(len(parts))
)

__all__ = [
    "BY_NAME",
    "INDEXER",
    "MEMBERS",
    "NAMESPACES",
    "TYPES",
    "Bound",
    "MemberRow",
    "bound_rows",
    "is_enumeration",
    "names",
    "owners",
    "rows",
]
