"""Arrays, lists, dictionaries, sets, tuples.

Source: the .NET reference of System.Array, System.Tuple and System.Collections.Generic. What holds for every sequence
is in linq.py.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members import linq
from tidegate.policies.expressions.members.row import CONSTRUCTOR, INDEXER, SETTER, MemberRow
from tidegate.policies.expressions.types import (
    ARRAY,
    BOOL,
    BYTES,
    COLLECTION,
    DICTIONARY,
    DICTIONARY_INTERFACE,
    ENUMERABLE,
    INT,
    LIST,
    LIST_INTERFACE,
    OBJECT,
    PAIR,
    VOID,
    K,
    R,
    T,
    Type,
    V,
    func,
)

READ_ONLY_COLLECTION: Final = Type(
    "IReadOnlyCollection", arguments=(T,), bases=(ENUMERABLE,), namespace="System.Collections.Generic"
)
READ_ONLY_LIST: Final = Type(
    "IReadOnlyList", arguments=(T,), bases=(READ_ONLY_COLLECTION,), namespace="System.Collections.Generic"
)
READ_ONLY_DICTIONARY: Final = Type(
    "IReadOnlyDictionary", arguments=(K, V), bases=(ENUMERABLE.of(PAIR),), namespace="System.Collections.Generic"
)
SET_INTERFACE: Final = Type("ISet", arguments=(T,), bases=(COLLECTION,), namespace="System.Collections.Generic")
SET: Final = Type("HashSet", arguments=(T,), bases=(SET_INTERFACE,), namespace="System.Collections.Generic")
QUEUE: Final = Type("Queue", arguments=(T,), bases=(READ_ONLY_COLLECTION,), namespace="System.Collections.Generic")
STACK: Final = Type("Stack", arguments=(T,), bases=(READ_ONLY_COLLECTION,), namespace="System.Collections.Generic")
COMPARER: Final = Type("StringComparer")
ARRAY_CLASS: Final = Type("Array", is_value=False)
BUFFER: Final = Type("Buffer", is_value=False)
TUPLE: Final = Type("Tuple", arguments=(T, R), namespace="System")
TUPLE_3: Final = Type("Tuple", arguments=(T, R, K), namespace="System")
TUPLE_CLASS: Final = Type("Tuple", is_value=False)

TYPES: Final[tuple[Type, ...]] = (
    ENUMERABLE,
    COLLECTION,
    LIST_INTERFACE,
    LIST,
    PAIR,
    DICTIONARY_INTERFACE,
    DICTIONARY,
    READ_ONLY_COLLECTION,
    READ_ONLY_LIST,
    READ_ONLY_DICTIONARY,
    SET_INTERFACE,
    SET,
    QUEUE,
    STACK,
    ARRAY_CLASS,
    BUFFER,
    TUPLE,
    TUPLE_3,
    TUPLE_CLASS,
    *linq.TYPES,
)

_TEST: Final = func(T, BOOL)
_COMPARISON: Final = func(T, T, INT)


def _changing(owner: Type, name: str, lua: str, parameters: tuple[Type, ...], result: Type = VOID) -> MemberRow:
    return MemberRow(owner, name, result, lua, parameters, effect=True)


def _dictionary(owner: Type) -> tuple[MemberRow, ...]:
    """What reads a dictionary."""
    return (
        MemberRow(owner, "Count", INT, "{0}.n"),
        MemberRow(owner, "Keys", ENUMERABLE.of(K), "R.dictionary_keys({0})"),
        MemberRow(owner, "Values", ENUMERABLE.of(V), "R.dictionary_values({0})"),
        MemberRow(owner, "ContainsKey", BOOL, "R.dictionary_has({0}, {1})", (K,)),
        MemberRow(owner, INDEXER, V, "R.dictionary_get({0}, {1})", (K,), nullable=True),
        MemberRow(owner, "TryGetValue", BOOL, "R.dictionary_try({0}, {1}, {V})", (K, V), out=(1,), effect=True),
        MemberRow(
            owner,
            "GetValueOrDefault",
            V,
            "R.dictionary_value_or({0}, {1}, R.default_of({V}))",
            (K,),
            nullable=True,
        ),
        MemberRow(owner, "GetValueOrDefault", V, "R.dictionary_value_or({0}, {1}, {2})", (K, V), nullable_with=1),
    )


_ARRAYS: Final = (
    MemberRow(ARRAY, "Length", INT, "R.count_of({0})"),
    MemberRow(ARRAY, INDEXER, T, "R.element({0}, {1})", (INT,), nullable=True),
    _changing(ARRAY, INDEXER + SETTER, "R.set_element({0}, {1}, {2})", (INT, T)),
    MemberRow(ARRAY, "Clone", OBJECT, "R.to_array({0}, {T})", ()),
    _changing(ARRAY, "CopyTo", "R.array_copy({0}, 0, {1}, {2}, R.count_of({0}))", (ARRAY, INT)),
    MemberRow(
        ARRAY_CLASS, "Exists", BOOL, "(R.find_index({1}, {2}) >= 0)", (ARRAY, _TEST), static=True, variables=(T,)
    ),
    MemberRow(ARRAY_CLASS, "TrueForAll", BOOL, "R.seq_all({1}, {2})", (ARRAY, _TEST), static=True, variables=(T,)),
    MemberRow(
        ARRAY_CLASS,
        "Find",
        T,
        "R.find_element({1}, {2}, {T})",
        (ARRAY, _TEST),
        nullable=True,
        static=True,
        variables=(T,),
    ),
    MemberRow(
        ARRAY_CLASS,
        "FindLast",
        T,
        "R.find_last_element({1}, {2}, {T})",
        (ARRAY, _TEST),
        nullable=True,
        static=True,
        variables=(T,),
    ),
    MemberRow(
        ARRAY_CLASS,
        "FindAll",
        ARRAY,
        "R.to_array(R.seq_where({1}, {2}), {T})",
        (ARRAY, _TEST),
        static=True,
        variables=(T,),
    ),
    MemberRow(ARRAY_CLASS, "FindIndex", INT, "R.find_index({1}, {2})", (ARRAY, _TEST), static=True, variables=(T,)),
    MemberRow(
        ARRAY_CLASS, "FindLastIndex", INT, "R.find_last_index({1}, {2})", (ARRAY, _TEST), static=True, variables=(T,)
    ),
    MemberRow(ARRAY_CLASS, "IndexOf", INT, "R.seq_index_of({1}, {2})", (ARRAY, T), static=True, variables=(T,)),
    MemberRow(
        ARRAY_CLASS, "LastIndexOf", INT, "R.seq_last_index_of({1}, {2})", (ARRAY, T), static=True, variables=(T,)
    ),
    MemberRow(
        ARRAY_CLASS,
        "ConvertAll",
        ARRAY.of(R),
        "R.to_array(R.seq_select({1}, {2}), {R})",
        (ARRAY, func(T, R)),
        static=True,
        variables=(T, R),
    ),
    MemberRow(
        ARRAY_CLASS,
        "ForEach",
        VOID,
        "R.for_each({1}, {2})",
        (ARRAY, func(T, VOID)),
        static=True,
        variables=(T,),
        effect=True,
    ),
    MemberRow(ARRAY_CLASS, "Reverse", VOID, "R.array_reverse({1})", (ARRAY,), static=True, variables=(T,), effect=True),
    MemberRow(ARRAY_CLASS, "Sort", VOID, "R.array_sort({1})", (ARRAY,), static=True, variables=(T,), effect=True),
    MemberRow(
        ARRAY_CLASS,
        "Sort",
        VOID,
        "R.sort_by({1}, {2})",
        (ARRAY, _COMPARISON),
        static=True,
        variables=(T,),
        effect=True,
    ),
    MemberRow(
        ARRAY_CLASS,
        "Copy",
        VOID,
        "R.array_copy({1}, 0, {2}, 0, {3})",
        (ARRAY, ARRAY, INT),
        static=True,
        variables=(T,),
        effect=True,
    ),
    MemberRow(
        ARRAY_CLASS,
        "Copy",
        VOID,
        "R.array_copy({1}, {2}, {3}, {4}, {5})",
        (ARRAY, INT, ARRAY, INT, INT),
        static=True,
        variables=(T,),
        effect=True,
    ),
    MemberRow(ARRAY_CLASS, "Empty", ARRAY, "R.new_array(0, {T})", (), static=True, variables=(T,)),
    MemberRow(
        BUFFER,
        "BlockCopy",
        VOID,
        "R.array_copy({1}, {2}, {3}, {4}, {5})",
        (BYTES, INT, BYTES, INT, INT),
        static=True,
        effect=True,
    ),
    MemberRow(BUFFER, "ByteLength", INT, "R.count_of({1})", (BYTES,), static=True),
)

_LISTS: Final = (
    _changing(COLLECTION, "Add", "R.collection_add({0}, {1})", (T,)),
    _changing(COLLECTION, "Remove", "R.collection_remove({0}, {1})", (T,), BOOL),
    _changing(COLLECTION, "Clear", "R.collection_clear({0})", ()),
    MemberRow(COLLECTION, "Count", INT, "R.count_of({0})"),
    MemberRow(READ_ONLY_COLLECTION, "Count", INT, "R.count_of({0})"),
    MemberRow(READ_ONLY_LIST, INDEXER, T, "R.element({0}, {1})", (INT,), nullable=True),
    MemberRow(LIST_INTERFACE, INDEXER, T, "R.element({0}, {1})", (INT,), nullable=True),
    _changing(LIST_INTERFACE, INDEXER + SETTER, "R.set_element({0}, {1}, {2})", (INT, T)),
    MemberRow(LIST_INTERFACE, "IndexOf", INT, "R.seq_index_of({0}, {1})", (T,)),
    MemberRow(LIST, CONSTRUCTOR, LIST, "R.new_list()", (), static=True),
    MemberRow(LIST, CONSTRUCTOR, LIST, "R.new_list({1})", (ENUMERABLE,), not_null=(0,), static=True),
    MemberRow(LIST, CONSTRUCTOR, LIST, "R.new_list(nil, {1})", (INT,), static=True),
    _changing(LIST, "Add", "R.list_add({0}, {1})", (T,)),
    _changing(LIST, "AddRange", "R.list_add_range({0}, {1})", (ENUMERABLE,)),
    _changing(LIST, "Insert", "R.list_insert({0}, {1}, {2})", (INT, T)),
    _changing(LIST, "InsertRange", "R.list_insert_range({0}, {1}, {2})", (INT, ENUMERABLE)),
    _changing(LIST, "RemoveRange", "R.list_remove_range({0}, {1}, {2})", (INT, INT)),
    _changing(LIST, "Remove", "R.list_remove({0}, {1})", (T,), BOOL),
    _changing(LIST, "RemoveAt", "R.list_remove_at({0}, {1})", (INT,)),
    _changing(LIST, "RemoveAll", "R.list_remove_all({0}, {1})", (_TEST,), INT),
    _changing(LIST, "Clear", "R.list_clear({0})", ()),
    _changing(LIST, "Reverse", "R.array_reverse({0})", ()),
    _changing(LIST, "Sort", "R.array_sort({0})", ()),
    _changing(LIST, "Sort", "R.sort_by({0}, {1})", (_COMPARISON,)),
    _changing(LIST, "ForEach", "R.for_each({0}, {1})", (func(T, VOID),)),
    MemberRow(LIST, "Exists", BOOL, "(R.find_index({0}, {1}) >= 0)", (_TEST,)),
    MemberRow(LIST, "TrueForAll", BOOL, "R.seq_all({0}, {1})", (_TEST,)),
    MemberRow(LIST, "Find", T, "R.find_element({0}, {1}, {T})", (_TEST,), nullable=True),
    MemberRow(LIST, "FindLast", T, "R.find_last_element({0}, {1}, {T})", (_TEST,), nullable=True),
    MemberRow(LIST, "FindAll", LIST, "R.new_list(R.seq_where({0}, {1}))", (_TEST,)),
    MemberRow(LIST, "FindIndex", INT, "R.find_index({0}, {1})", (_TEST,)),
    MemberRow(LIST, "FindLastIndex", INT, "R.find_last_index({0}, {1})", (_TEST,)),
    MemberRow(LIST, "LastIndexOf", INT, "R.seq_last_index_of({0}, {1})", (T,)),
    MemberRow(LIST, "GetRange", LIST, "R.list_range({0}, {1}, {2})", (INT, INT)),
    MemberRow(LIST, "ConvertAll", LIST.of(R), "R.new_list(R.seq_select({0}, {1}))", (func(T, R),), variables=(R,)),
)

_DICTIONARIES: Final = (
    *_dictionary(DICTIONARY_INTERFACE),
    *_dictionary(READ_ONLY_DICTIONARY),
    MemberRow(DICTIONARY, CONSTRUCTOR, DICTIONARY, "R.new_dictionary()", (), static=True),
    MemberRow(DICTIONARY, CONSTRUCTOR, DICTIONARY, "R.new_dictionary(nil, {1})", (COMPARER,), static=True),
    MemberRow(
        DICTIONARY,
        CONSTRUCTOR,
        DICTIONARY,
        "R.new_dictionary({1})",
        (DICTIONARY_INTERFACE,),
        not_null=(0,),
        static=True,
    ),
    MemberRow(
        DICTIONARY,
        CONSTRUCTOR,
        DICTIONARY,
        "R.new_dictionary({1}, {2})",
        (DICTIONARY_INTERFACE, COMPARER),
        not_null=(0,),
        static=True,
    ),
    MemberRow(DICTIONARY, "ContainsValue", BOOL, "R.dictionary_has_value({0}, {1})", (V,)),
    _changing(DICTIONARY_INTERFACE, INDEXER + SETTER, "R.dictionary_set({0}, {1}, {2})", (K, V)),
    _changing(DICTIONARY_INTERFACE, "Add", "R.dictionary_add({0}, {1}, {2})", (K, V)),
    _changing(DICTIONARY, "TryAdd", "R.dictionary_try_add({0}, {1}, {2})", (K, V), BOOL),
    _changing(DICTIONARY_INTERFACE, "Remove", "R.dictionary_remove({0}, {1})", (K,), BOOL),
    _changing(DICTIONARY_INTERFACE, "Clear", "R.dictionary_clear({0})", ()),
    MemberRow(PAIR, CONSTRUCTOR, PAIR, "R.pair({1}, {2})", (K, V), static=True),
    MemberRow(PAIR, "Key", K, "{0}.key", nullable=True),
    MemberRow(PAIR, "Value", V, "{0}.value", nullable=True),
)

_SETS: Final = (
    MemberRow(ENUMERABLE, "ToHashSet", SET, "R.new_set({0})", ()),
    MemberRow(SET, CONSTRUCTOR, SET, "R.new_set()", (), static=True),
    MemberRow(SET, CONSTRUCTOR, SET, "R.new_set(nil, {1})", (COMPARER,), static=True),
    MemberRow(SET, CONSTRUCTOR, SET, "R.new_set({1})", (ENUMERABLE,), not_null=(0,), static=True),
    MemberRow(SET, CONSTRUCTOR, SET, "R.new_set({1}, {2})", (ENUMERABLE, COMPARER), not_null=(0,), static=True),
    _changing(SET_INTERFACE, "Add", "R.set_add({0}, {1})", (T,), BOOL),
    _changing(SET_INTERFACE, "Remove", "R.set_remove({0}, {1})", (T,), BOOL),
    _changing(SET_INTERFACE, "Clear", "R.set_clear({0})", ()),
    MemberRow(SET_INTERFACE, "Contains", BOOL, "R.set_has({0}, {1})", (T,)),
    _changing(SET_INTERFACE, "UnionWith", "R.set_union({0}, {1})", (ENUMERABLE,)),
    _changing(SET_INTERFACE, "ExceptWith", "R.set_except({0}, {1})", (ENUMERABLE,)),
    _changing(SET_INTERFACE, "IntersectWith", "R.set_intersect({0}, {1})", (ENUMERABLE,)),
    MemberRow(SET_INTERFACE, "Overlaps", BOOL, "R.set_overlaps({0}, {1})", (ENUMERABLE,)),
    MemberRow(SET_INTERFACE, "IsSubsetOf", BOOL, "R.set_is_subset({0}, {1})", (ENUMERABLE,)),
    MemberRow(SET_INTERFACE, "IsSupersetOf", BOOL, "R.set_is_superset({0}, {1})", (ENUMERABLE,)),
    MemberRow(SET_INTERFACE, "SetEquals", BOOL, "R.set_equals({0}, {1})", (ENUMERABLE,)),
)


def _ends(owner: Type, make: str, put: tuple[str, str], take: str) -> tuple[MemberRow, ...]:
    """Queue and Stack: what they are made of, and their end that gives."""
    return (
        MemberRow(owner, CONSTRUCTOR, owner, f"R.{make}()", (), static=True),
        MemberRow(owner, CONSTRUCTOR, owner, f"R.{make}({{1}})", (ENUMERABLE,), not_null=(0,), static=True),
        _changing(owner, put[0], f"R.{put[1]}({{0}}, {{1}})", (T,)),
        MemberRow(owner, take, T, "R.take_first({0})", (), nullable=True, effect=True),
        MemberRow(owner, "Peek", T, "R.take_first({0}, true)", (), nullable=True),
        MemberRow(owner, f"Try{take}", BOOL, "R.try_take_first({0}, {T})", (T,), out=(0,), effect=True),
        MemberRow(owner, "TryPeek", BOOL, "R.try_take_first({0}, {T}, true)", (T,), out=(0,), effect=True),
        _changing(owner, "Clear", "R.list_clear({0})", ()),
    )


_QUEUES: Final = (
    *_ends(QUEUE, "new_queue", ("Enqueue", "list_add"), "Dequeue"),
    *_ends(STACK, "new_stack", ("Push", "stack_push"), "Pop"),
)

_TUPLES: Final = (
    MemberRow(TUPLE, CONSTRUCTOR, TUPLE, "R.tuple(2, {1}, {2})", (T, R), static=True),
    MemberRow(TUPLE_CLASS, "Create", TUPLE, "R.tuple(2, {1}, {2})", (T, R), static=True, variables=(T, R)),
    MemberRow(TUPLE_3, CONSTRUCTOR, TUPLE_3, "R.tuple(3, {1}, {2}, {3})", (T, R, K), static=True),
    MemberRow(
        TUPLE_CLASS,
        "Create",
        TUPLE_3,
        "R.tuple(3, {1}, {2}, {3})",
        (T, R, K),
        static=True,
        variables=(T, R, K),
    ),
    MemberRow(TUPLE, "Item1", T, "{0}[1]", nullable=True),
    MemberRow(TUPLE, "Item2", R, "{0}[2]", nullable=True),
    MemberRow(TUPLE_3, "Item1", T, "{0}[1]", nullable=True),
    MemberRow(TUPLE_3, "Item2", R, "{0}[2]", nullable=True),
    MemberRow(TUPLE_3, "Item3", K, "{0}[3]", nullable=True),
)

ROWS: Final[tuple[MemberRow, ...]] = (*_ARRAYS, *_LISTS, *_DICTIONARIES, *_SETS, *_QUEUES, *_TUPLES, *linq.ROWS)
"""Overloads of one member stand in the order in which messages list them."""
