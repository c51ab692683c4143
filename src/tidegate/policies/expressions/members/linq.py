"""LINQ over every sequence: System.Linq.Enumerable, as extension methods and as static ones.

Source: the .NET reference of System.Linq.Enumerable. All of it is eager here (linq.lua).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from tidegate.policies.expressions.members.row import INDEXER, MemberRow
from tidegate.policies.expressions.types import (
    ARRAY,
    BOOL,
    DECIMAL,
    DICTIONARY,
    DOUBLE,
    ENUMERABLE,
    FLOAT,
    INT,
    LIST,
    LONG,
    K,
    R,
    T,
    Type,
    V,
    func,
)

ORDERED: Final = Type("IOrderedEnumerable", arguments=(T,), bases=(ENUMERABLE,), namespace="System.Linq")
GROUPING: Final = Type("IGrouping", arguments=(K, V), bases=(ENUMERABLE.of(V),), namespace="System.Linq")
LOOKUP: Final = Type("ILookup", arguments=(K, V), bases=(ENUMERABLE.of(GROUPING),), namespace="System.Linq")
ENUMERABLE_CLASS: Final = Type("Enumerable", is_value=False, namespace="System.Linq")
_COMPARER: Final = Type("StringComparer")

TYPES: Final[tuple[Type, ...]] = (ORDERED, GROUPING, LOOKUP, ENUMERABLE_CLASS)

_TEST: Final = func(T, BOOL)
_MANY: Final = ENUMERABLE.of(R)


def _row(
    name: str,
    result: Type,
    lua: str,
    *parameters: Type,
    variables: tuple[Type, ...] = (),
    nullable: bool = False,
    owner: Type = ENUMERABLE,
) -> MemberRow:
    return MemberRow(owner, name, result, lua, parameters, variables=variables, nullable=nullable)


def _one(name: str, lua: str) -> tuple[MemberRow, ...]:
    """First, Last, Single: with and without a test, and their OrDefault."""
    return (
        _row(name, T, f"R.seq_{lua}({{0}})", nullable=True),
        _row(name, T, f"R.seq_{lua}({{0}}, {{1}})", _TEST, nullable=True),
        _row(f"{name}OrDefault", T, f"R.seq_{lua}_or_default({{0}}, {{T}})", nullable=True),
        _row(f"{name}OrDefault", T, f"R.seq_{lua}_or_default({{0}}, {{T}}, {{1}})", _TEST, nullable=True),
    )


def _numeric(kind: Type) -> tuple[MemberRow, ...]:
    """Sum and Average, of one type of number and of what a lambda makes of elements."""
    mean = DOUBLE if kind in (INT, LONG) else kind
    name = f'"{kind.name}"'
    rows: list[MemberRow] = []
    for method, lua, result in (("Sum", "sum", kind), ("Average", "average", mean)):
        rows.append(_row(method, result, f"R.seq_{lua}({{0}}, {name})", owner=ENUMERABLE.of(kind)))
        rows.append(_row(method, result, f"R.seq_{lua}({{0}}, {name}, {{1}})", func(T, kind)))
    return tuple(rows)


def _sorting(owner: Type, name: str, lua: str, *, descending: str) -> tuple[MemberRow, ...]:
    call = f"R.seq_{lua}({{0}}, {{1}}, {descending}"
    return (
        _row(name, ORDERED, f"{call})", func(T, K), variables=(K,), owner=owner),
        _row(name, ORDERED, f"{call}, {{2}})", func(T, K), _COMPARER, variables=(K,), owner=owner),
    )


def _sets(name: str, lua: str) -> tuple[MemberRow, ...]:
    return (
        _row(name, ENUMERABLE, f"R.seq_{lua}({{0}}, {{1}})", ENUMERABLE),
        _row(name, ENUMERABLE, f"R.seq_{lua}({{0}}, {{1}}, {{2}})", ENUMERABLE, _COMPARER),
    )


_EXTENSIONS: Final = (
    _row("Select", _MANY, "R.seq_select({0}, {1})", func(T, R), variables=(R,)),
    _row("Select", _MANY, "R.seq_select({0}, {1})", func(T, INT, R), variables=(R,)),
    _row("Where", ENUMERABLE, "R.seq_where({0}, {1})", _TEST),
    _row("Where", ENUMERABLE, "R.seq_where({0}, {1})", func(T, INT, BOOL)),
    _row("SelectMany", _MANY, "R.seq_select_many({0}, {1})", func(T, _MANY), variables=(R,)),
    _row(
        "SelectMany",
        _MANY,
        "R.seq_select_many({0}, {1}, {2})",
        func(T, ENUMERABLE.of(V)),
        func(T, V, R),
        variables=(V, R),
    ),
    *_one("First", "first"),
    *_one("Last", "last"),
    *_one("Single", "single"),
    _row("ElementAt", T, "R.seq_element_at({0}, {1})", INT, nullable=True),
    _row("ElementAtOrDefault", T, "R.seq_element_at_or_default({0}, {1}, {T})", INT, nullable=True),
    _row("Any", BOOL, "(R.count_of({0}) > 0)"),
    _row("Any", BOOL, "R.seq_any({0}, {1})", _TEST),
    _row("All", BOOL, "R.seq_all({0}, {1})", _TEST),
    _row("Count", INT, "R.count_of({0})"),
    _row("Count", INT, "R.seq_count_where({0}, {1})", _TEST),
    _row("LongCount", LONG, "(R.count_of({0}) + 0LL)"),
    _row("Contains", BOOL, "R.seq_has({0}, {1})", T),
    _row("Contains", BOOL, "R.seq_has({0}, {1}, {2})", T, _COMPARER),
    _row("SequenceEqual", BOOL, "R.seq_equal({0}, {1})", ENUMERABLE),
    _row("Skip", ENUMERABLE, "R.seq_skip({0}, {1})", INT),
    _row("Take", ENUMERABLE, "R.seq_take({0}, {1})", INT),
    _row("SkipLast", ENUMERABLE, "R.seq_skip_last({0}, {1})", INT),
    _row("TakeLast", ENUMERABLE, "R.seq_take_last({0}, {1})", INT),
    _row("SkipWhile", ENUMERABLE, "R.seq_skip_while({0}, {1})", _TEST),
    _row("SkipWhile", ENUMERABLE, "R.seq_skip_while({0}, {1})", func(T, INT, BOOL)),
    _row("TakeWhile", ENUMERABLE, "R.seq_take_while({0}, {1})", _TEST),
    _row("TakeWhile", ENUMERABLE, "R.seq_take_while({0}, {1})", func(T, INT, BOOL)),
    _row("Distinct", ENUMERABLE, "R.seq_distinct({0})"),
    _row("Distinct", ENUMERABLE, "R.seq_distinct({0}, {1})", _COMPARER),
    *_sets("Union", "union"),
    *_sets("Except", "except"),
    *_sets("Intersect", "intersect"),
    _row("Concat", ENUMERABLE, "R.seq_concat({0}, {1})", ENUMERABLE),
    _row("Append", ENUMERABLE, "R.seq_append({0}, {1})", T),
    _row("Prepend", ENUMERABLE, "R.seq_prepend({0}, {1})", T),
    _row("Reverse", ENUMERABLE, "R.seq_reverse({0})"),
    _row("DefaultIfEmpty", ENUMERABLE, "R.seq_default_if_empty({0}, R.default_of({T}))"),
    _row("DefaultIfEmpty", ENUMERABLE, "R.seq_default_if_empty({0}, {1})", T),
    _row("Zip", _MANY, "R.seq_zip({0}, {1}, {2})", ENUMERABLE.of(V), func(T, V, R), variables=(V, R)),
    *_sorting(ENUMERABLE, "OrderBy", "order_by", descending="false"),
    *_sorting(ENUMERABLE, "OrderByDescending", "order_by", descending="true"),
    *_sorting(ORDERED, "ThenBy", "then_by", descending="false"),
    *_sorting(ORDERED, "ThenByDescending", "then_by", descending="true"),
    _row("GroupBy", ENUMERABLE.of(GROUPING.of(K, T)), "R.seq_group_by({0}, {1})", func(T, K), variables=(K,)),
    _row(
        "GroupBy",
        ENUMERABLE.of(GROUPING),
        "R.seq_group_by({0}, {1}, {2})",
        func(T, K),
        func(T, V),
        variables=(K, V),
    ),
    _row(
        "GroupBy",
        _MANY,
        "R.seq_group_into({0}, {1}, {2})",
        func(T, K),
        func(K, ENUMERABLE, R),
        variables=(K, R),
    ),
    _row("ToLookup", LOOKUP.of(K, T), "R.seq_to_lookup({0}, {1})", func(T, K), variables=(K,)),
    _row("ToLookup", LOOKUP, "R.seq_to_lookup({0}, {1}, {2})", func(T, K), func(T, V), variables=(K, V)),
    _row("ToDictionary", DICTIONARY.of(K, T), "R.seq_to_dictionary({0}, {1})", func(T, K), variables=(K,)),
    _row(
        "ToDictionary",
        DICTIONARY.of(K, T),
        "R.seq_to_dictionary({0}, {1}, nil, {2})",
        func(T, K),
        _COMPARER,
        variables=(K,),
    ),
    _row("ToDictionary", DICTIONARY, "R.seq_to_dictionary({0}, {1}, {2})", func(T, K), func(T, V), variables=(K, V)),
    _row(
        "ToDictionary",
        DICTIONARY,
        "R.seq_to_dictionary({0}, {1}, {2}, {3})",
        func(T, K),
        func(T, V),
        _COMPARER,
        variables=(K, V),
    ),
    _row(
        "Join",
        _MANY,
        "R.seq_join({0}, {1}, {2}, {3}, {4})",
        ENUMERABLE.of(V),
        func(T, K),
        func(V, K),
        func(T, V, R),
        variables=(V, K, R),
    ),
    _row("ToList", LIST, "R.new_list({0})"),
    _row("ToArray", ARRAY, "R.to_array({0}, {T})"),
    _row("AsEnumerable", ENUMERABLE, "{0}"),
    _row("Cast", _MANY, "R.seq_cast_all({0}, {R})", variables=(R,)),
    _row("OfType", _MANY, "R.seq_of_type({0}, {R})", variables=(R,)),
    _row("Aggregate", T, "R.seq_aggregate({0}, {1})", func(T, T, T), nullable=True),
    _row("Aggregate", R, "R.seq_aggregate_from({0}, {1}, {2})", R, func(R, T, R), variables=(R,), nullable=True),
    _row(
        "Aggregate",
        V,
        "R.seq_aggregate_from({0}, {1}, {2}, {3})",
        R,
        func(R, T, R),
        func(R, V),
        variables=(R, V),
        nullable=True,
    ),
    *(row for kind in (INT, LONG, FLOAT, DOUBLE, DECIMAL) for row in _numeric(kind)),
    _row("Min", T, "R.seq_min({0}, {T})", nullable=True),
    _row("Min", R, "R.seq_min({0}, {R}, {1})", func(T, R), variables=(R,), nullable=True),
    _row("Max", T, "R.seq_max({0}, {T})", nullable=True),
    _row("Max", R, "R.seq_max({0}, {R}, {1})", func(T, R), variables=(R,), nullable=True),
)


def _as_static(row: MemberRow) -> MemberRow:
    """The same as a static method: the sequence is the first argument."""
    lua = re.sub(r"\{(\d)\}", lambda match: f"{{{int(match[1]) + 1}}}", row.lua)
    own = row.owner.arguments if row.owner.arguments[0].is_variable else ()
    return replace(
        row,
        owner=ENUMERABLE_CLASS,
        lua=lua,
        parameters=(row.owner, *(row.parameters or ())),
        variables=(*own, *row.variables),
        not_null=(0,),
        static=True,
    )


ROWS: Final[tuple[MemberRow, ...]] = (
    *_EXTENSIONS,
    *(_as_static(row) for row in _EXTENSIONS),
    MemberRow(GROUPING, "Key", K, "{0}.key", nullable=True),
    MemberRow(LOOKUP, INDEXER, ENUMERABLE.of(V), "R.seq_lookup_get({0}, {1})", (K,)),
    MemberRow(LOOKUP, "Count", INT, "R.count_of({0})"),
    MemberRow(ENUMERABLE_CLASS, "Range", ENUMERABLE.of(INT), "R.seq_range({1}, {2})", (INT, INT), static=True),
    MemberRow(
        ENUMERABLE_CLASS, "Repeat", ENUMERABLE, "R.seq_repeated({1}, {2})", (T, INT), static=True, variables=(T,)
    ),
    MemberRow(ENUMERABLE_CLASS, "Empty", ENUMERABLE, "{{n = 0}}", (), static=True, variables=(T,)),
)
