"""Strings and characters.

Sources: the .NET reference of System.String, System.Char, System.Text.StringBuilder, StringComparison,
StringSplitOptions and StringComparer.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.row import CONSTRUCTOR, INDEXER, MemberRow
from tidegate.policies.expressions.types import (
    ARRAY,
    BOOL,
    CHAR,
    DOUBLE,
    ENUMERABLE,
    INT,
    OBJECT,
    STRING,
    STRING_ARRAY,
    STRINGS,
    T,
    Type,
)

STRING_COMPARISON: Final = Type("StringComparison", is_reference=False)
SPLIT_OPTIONS: Final = Type("StringSplitOptions", is_reference=False)
STRING_COMPARER: Final = Type("StringComparer")
STRING_BUILDER: Final = Type("StringBuilder", namespace="System.Text")
FORMAT_PROVIDER: Final = Type("IFormatProvider")
ENVIRONMENT: Final = Type("Environment", is_value=False)

TYPES: Final[tuple[Type, ...]] = (
    STRING_COMPARISON,
    SPLIT_OPTIONS,
    STRING_COMPARER,
    STRING_BUILDER,
    FORMAT_PROVIDER,
    ENVIRONMENT,
)

_CHARS: Final = ARRAY.of(CHAR)
_OBJECTS: Final = ARRAY.of(OBJECT)
_COMPARISONS: Final = (
    "CurrentCulture",
    "CurrentCultureIgnoreCase",
    "InvariantCulture",
    "InvariantCultureIgnoreCase",
    "Ordinal",
    "OrdinalIgnoreCase",
)
_S: Final = (STRING,)
_SS: Final = (STRING, STRING)
_LISTED: Final = "{{n = {count}, {rest}}}"


def constants(owner: Type, names: tuple[str, ...]) -> tuple[MemberRow, ...]:
    """The names of an enumeration, which count from zero."""
    return tuple(MemberRow(owner, name, owner, str(value), static=True) for value, name in enumerate(names))


def _searches(name: str, function: str) -> tuple[MemberRow, ...]:
    """IndexOf and LastIndexOf: of a string or a character, from a place, over a count of units."""
    text = f"R.{function}"
    return (
        MemberRow(STRING, name, INT, f"{text}({{0}}, {{1}})", _S),
        MemberRow(STRING, name, INT, f"{text}({{0}}, {{1}}, {{2}})", (STRING, INT)),
        MemberRow(STRING, name, INT, f"{text}({{0}}, {{1}}, {{2}}, {{3}})", (STRING, INT, INT)),
        MemberRow(STRING, name, INT, f"{text}({{0}}, {{1}}, nil, nil, {{2}})", (STRING, STRING_COMPARISON)),
        MemberRow(STRING, name, INT, f"{text}({{0}}, {{1}}, {{2}}, nil, {{3}})", (STRING, INT, STRING_COMPARISON)),
        MemberRow(
            STRING, name, INT, f"{text}({{0}}, {{1}}, {{2}}, {{3}}, {{4}})", (STRING, INT, INT, STRING_COMPARISON)
        ),
        MemberRow(STRING, name, INT, f"{text}_char({{0}}, {{1}})", (CHAR,)),
        MemberRow(STRING, name, INT, f"{text}_char({{0}}, {{1}}, {{2}})", (CHAR, INT)),
        MemberRow(STRING, name, INT, f"{text}_char({{0}}, {{1}}, {{2}}, {{3}})", (CHAR, INT, INT)),
    )


def _tests(name: str, function: str) -> tuple[MemberRow, ...]:
    """Contains, StartsWith, EndsWith."""
    return (
        MemberRow(STRING, name, BOOL, f"R.{function}({{0}}, {{1}})", _S, not_null=(0,)),
        MemberRow(STRING, name, BOOL, f"R.{function}({{0}}, {{1}}, {{2}})", (STRING, STRING_COMPARISON), not_null=(0,)),
        MemberRow(STRING, name, BOOL, f"R.{function}({{0}}, R.char_text({{1}}))", (CHAR,)),
    )


def _trims(name: str, function: str) -> tuple[MemberRow, ...]:
    return (
        MemberRow(STRING, name, STRING, f"R.{function}({{0}})", ()),
        MemberRow(STRING, name, STRING, f"R.{function}({{0}}, {_LISTED})", (CHAR,), repeats=True),
        MemberRow(STRING, name, STRING, f"R.{function}({{0}}, {{1}})", (_CHARS,)),
    )


def _splits(separators: Type, function: str) -> tuple[MemberRow, ...]:
    """The overloads with a count, options, or both."""
    call = f"R.{function}({{0}}, {{1}}"
    return (
        MemberRow(STRING, "Split", STRING_ARRAY, f"{call}, {{2}})", (separators, INT)),
        MemberRow(STRING, "Split", STRING_ARRAY, f"{call}, nil, {{2}})", (separators, SPLIT_OPTIONS)),
        MemberRow(STRING, "Split", STRING_ARRAY, f"{call}, {{2}}, {{3}})", (separators, INT, SPLIT_OPTIONS)),
    )


def _char_test(name: str, function: str) -> tuple[MemberRow, ...]:
    """char.IsDigit(c) and char.IsDigit(text, index)."""
    return (
        MemberRow(CHAR, name, BOOL, f"R.{function}({{1}})", (CHAR,), static=True),
        MemberRow(
            CHAR, name, BOOL, f"R.{function}(R.char_at({{1}}, {{2}}))", (STRING, INT), not_null=(0,), static=True
        ),
    )


def _appends(name: str, ending: str) -> tuple[MemberRow, ...]:
    """Append of what has a text; other types are given as object."""
    call = "R.builder_append({0}, "
    return (
        MemberRow(STRING_BUILDER, name, STRING_BUILDER, f'{call}({{1}} or ""){ending})', _S, effect=True),
        MemberRow(STRING_BUILDER, name, STRING_BUILDER, f"{call}R.char_text({{1}}){ending})", (CHAR,), effect=True),
        MemberRow(STRING_BUILDER, name, STRING_BUILDER, f"{call}R.text({{1}}){ending})", (OBJECT,), effect=True),
    )


_STRING_ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(STRING, "ToString", STRING, "{0}", ()),
    MemberRow(STRING, "Length", INT, "R.length({0})"),
    MemberRow(STRING, INDEXER, CHAR, "R.char_at({0}, {1})", (INT,)),
    *_tests("Contains", "contains"),
    *_tests("StartsWith", "starts_with"),
    *_tests("EndsWith", "ends_with"),
    *_searches("IndexOf", "text_index"),
    *_searches("LastIndexOf", "text_last_index"),
    MemberRow(STRING, "IndexOfAny", INT, "R.text_index_any({0}, {1})", (_CHARS,)),
    MemberRow(STRING, "IndexOfAny", INT, "R.text_index_any({0}, {1}, {2})", (_CHARS, INT)),
    MemberRow(STRING, "IndexOfAny", INT, "R.text_index_any({0}, {1}, {2}, {3})", (_CHARS, INT, INT)),
    MemberRow(STRING, "LastIndexOfAny", INT, "R.text_last_index_any({0}, {1})", (_CHARS,)),
    MemberRow(STRING, "Equals", BOOL, "({0} == {1})", _S),
    MemberRow(STRING, "Equals", BOOL, "R.text_equals({0}, {1}, {2})", (STRING, STRING_COMPARISON)),
    MemberRow(STRING, "Equals", BOOL, "({0} == {1})", (OBJECT,)),
    MemberRow(STRING, "CompareTo", INT, "R.compare_text({0}, {1})", _S),
    MemberRow(STRING, "Substring", STRING, "R.substring({0}, {1})", (INT,)),
    MemberRow(STRING, "Substring", STRING, "R.substring({0}, {1}, {2})", (INT, INT)),
    MemberRow(STRING, "Remove", STRING, "R.remove({0}, {1})", (INT,)),
    MemberRow(STRING, "Remove", STRING, "R.remove({0}, {1}, {2})", (INT, INT)),
    MemberRow(STRING, "Insert", STRING, "R.insert({0}, {1}, {2})", (INT, STRING)),
    MemberRow(STRING, "Replace", STRING, "R.replace({0}, {1}, {2})", _SS),
    MemberRow(STRING, "Replace", STRING, "R.replace({0}, {1}, {2}, {3})", (STRING, STRING, STRING_COMPARISON)),
    MemberRow(STRING, "Replace", STRING, "R.replace_char({0}, {1}, {2})", (CHAR, CHAR)),
    MemberRow(STRING, "PadLeft", STRING, "R.pad_left({0}, {1})", (INT,)),
    MemberRow(STRING, "PadLeft", STRING, "R.pad_left({0}, {1}, {2})", (INT, CHAR)),
    MemberRow(STRING, "PadRight", STRING, "R.pad_right({0}, {1})", (INT,)),
    MemberRow(STRING, "PadRight", STRING, "R.pad_right({0}, {1}, {2})", (INT, CHAR)),
    *_trims("Trim", "trim"),
    *_trims("TrimStart", "trim_start"),
    *_trims("TrimEnd", "trim_end"),
    MemberRow(STRING, "ToUpper", STRING, "R.upper({0})", ()),
    MemberRow(STRING, "ToUpperInvariant", STRING, "R.upper({0})", ()),
    MemberRow(STRING, "ToLower", STRING, "R.lower({0})", ()),
    MemberRow(STRING, "ToLowerInvariant", STRING, "R.lower({0})", ()),
    MemberRow(STRING, "ToCharArray", _CHARS, "R.to_chars({0})", ()),
    MemberRow(STRING, "ToCharArray", _CHARS, "R.to_chars({0}, {1}, {2})", (INT, INT)),
    MemberRow(STRING, "Split", STRING_ARRAY, "R.split({0}, nil)", ()),
    MemberRow(STRING, "Split", STRING_ARRAY, f"R.split_chars({{0}}, {_LISTED})", (CHAR,), repeats=True),
    MemberRow(STRING, "Split", STRING_ARRAY, "R.split_chars({0}, {1})", (_CHARS,)),
    *_splits(CHAR, "split_char"),
    *_splits(_CHARS, "split_chars"),
    *_splits(STRING, "split_text"),
    *_splits(STRING_ARRAY, "split"),
    MemberRow(STRING, "Split", STRING_ARRAY, "R.split_text({0}, {1})", _S),
    # -- static
    MemberRow(STRING, "Empty", STRING, '""', static=True),
    MemberRow(STRING, "IsNullOrEmpty", BOOL, "R.is_empty({1})", _S, static=True),
    MemberRow(STRING, "IsNullOrWhiteSpace", BOOL, "R.is_white({1})", _S, static=True),
    MemberRow(STRING, "Equals", BOOL, "({1} == {2})", _SS, static=True),
    MemberRow(STRING, "Equals", BOOL, "R.text_equals({1}, {2}, {3})", (STRING, STRING, STRING_COMPARISON), static=True),
    MemberRow(STRING, "Compare", INT, "R.compare_text({1}, {2})", _SS, static=True),
    MemberRow(STRING, "Compare", INT, "R.compare_text({1}, {2}, {3})", (STRING, STRING, BOOL), static=True),
    MemberRow(STRING, "Compare", INT, "R.compare_as({1}, {2}, {3})", (STRING, STRING, STRING_COMPARISON), static=True),
    MemberRow(STRING, "CompareOrdinal", INT, "R.compare_ordinal({1}, {2})", _SS, static=True),
    MemberRow(STRING, "Copy", STRING, "{1}", _S, not_null=(0,), static=True),
    MemberRow(STRING, "Join", STRING, "R.join({1}, {2})", (STRING, STRINGS), not_null=(1,), static=True),
    MemberRow(STRING, "Join", STRING, f"R.join({{1}}, {_LISTED})", _SS, repeats=True, static=True),
    MemberRow(
        STRING,
        "Join",
        STRING,
        "R.join_range({1}, {2}, {3}, {4})",
        (STRING, STRING_ARRAY, INT, INT),
        not_null=(1,),
        static=True,
    ),
    MemberRow(
        STRING,
        "Join",
        STRING,
        "R.join_as({1}, {2}, {T})",
        (STRING, ENUMERABLE),
        not_null=(1,),
        static=True,
        variables=(T,),
    ),
    MemberRow(
        STRING,
        "Join",
        STRING,
        f'R.join_as({{1}}, {_LISTED}, "object")',
        (STRING, OBJECT),
        repeats=True,
        static=True,
    ),
    MemberRow(STRING, "Concat", STRING, 'R.join("", {1})', (STRINGS,), not_null=(0,), static=True),
    MemberRow(STRING, "Concat", STRING, f'R.join("", {_LISTED})', _S, repeats=True, static=True),
    MemberRow(
        STRING, "Concat", STRING, 'R.join_as("", {1}, {T})', (ENUMERABLE,), not_null=(0,), static=True, variables=(T,)
    ),
    MemberRow(STRING, "Concat", STRING, f'R.join_as("", {_LISTED}, "object")', (OBJECT,), repeats=True, static=True),
    MemberRow(STRING, "Format", STRING, "R.string_format({1}, {2})", (STRING, _OBJECTS), static=True),
    MemberRow(
        STRING, "Format", STRING, f"R.string_format({{1}}, {_LISTED})", (STRING, OBJECT), repeats=True, static=True
    ),
    MemberRow(STRING, "Format", STRING, "R.string_format({2}, {3})", (FORMAT_PROVIDER, STRING, _OBJECTS), static=True),
    MemberRow(
        STRING,
        "Format",
        STRING,
        f"R.string_format({{2}}, {_LISTED})",
        (FORMAT_PROVIDER, STRING, OBJECT),
        repeats=True,
        static=True,
    ),
    MemberRow(STRING, CONSTRUCTOR, STRING, "R.text_of_char({1}, {2})", (CHAR, INT), static=True),
    MemberRow(STRING, CONSTRUCTOR, STRING, "R.text_of_chars({1})", (_CHARS,), static=True),
    MemberRow(
        STRING, CONSTRUCTOR, STRING, "R.text_of_chars({1}, {2}, {3})", (_CHARS, INT, INT), not_null=(0,), static=True
    ),
)

_CHAR_ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(CHAR, "ToString", STRING, "R.char_text({0})", ()),
    MemberRow(CHAR, "Equals", BOOL, "({0} == {1})", (CHAR,)),
    MemberRow(CHAR, "CompareTo", INT, "({0} - {1})", (CHAR,)),
    *_char_test("IsDigit", "is_digit"),
    *_char_test("IsNumber", "is_number"),
    *_char_test("IsLetter", "is_letter"),
    *_char_test("IsLetterOrDigit", "is_letter_or_digit"),
    *_char_test("IsUpper", "is_upper"),
    *_char_test("IsLower", "is_lower"),
    *_char_test("IsWhiteSpace", "is_white_space"),
    *_char_test("IsPunctuation", "is_punctuation"),
    *_char_test("IsSymbol", "is_symbol"),
    *_char_test("IsSeparator", "is_separator"),
    *_char_test("IsControl", "is_control"),
    *_char_test("IsSurrogate", "is_surrogate"),
    *_char_test("IsHighSurrogate", "is_high_surrogate"),
    *_char_test("IsLowSurrogate", "is_low_surrogate"),
    MemberRow(CHAR, "ToUpper", CHAR, "R.upper_unit({1})", (CHAR,), static=True),
    MemberRow(CHAR, "ToUpperInvariant", CHAR, "R.upper_unit({1})", (CHAR,), static=True),
    MemberRow(CHAR, "ToLower", CHAR, "R.lower_unit({1})", (CHAR,), static=True),
    MemberRow(CHAR, "ToLowerInvariant", CHAR, "R.lower_unit({1})", (CHAR,), static=True),
    MemberRow(CHAR, "ToString", STRING, "R.char_text({1})", (CHAR,), static=True),
    MemberRow(CHAR, "GetNumericValue", DOUBLE, "R.numeric_value({1})", (CHAR,), static=True),
    MemberRow(CHAR, "Parse", CHAR, "R.parse_char({1})", _S, static=True),
    MemberRow(CHAR, "MaxValue", CHAR, "65535", static=True),
    MemberRow(CHAR, "MinValue", CHAR, "0", static=True),
)

_BUILDER_ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(STRING_BUILDER, CONSTRUCTOR, STRING_BUILDER, "R.string_builder()", (), static=True),
    MemberRow(STRING_BUILDER, CONSTRUCTOR, STRING_BUILDER, "R.string_builder({1})", _S, static=True),
    MemberRow(STRING_BUILDER, CONSTRUCTOR, STRING_BUILDER, "R.string_builder()", (INT,), static=True),
    *_appends("Append", ""),
    MemberRow(
        STRING_BUILDER,
        "Append",
        STRING_BUILDER,
        "R.builder_append({0}, R.text_of_char({1}, {2}))",
        (CHAR, INT),
        effect=True,
    ),
    MemberRow(STRING_BUILDER, "AppendLine", STRING_BUILDER, "R.builder_line({0})", (), effect=True),
    MemberRow(STRING_BUILDER, "AppendLine", STRING_BUILDER, "R.builder_line({0}, {1})", _S, effect=True),
    MemberRow(
        STRING_BUILDER,
        "AppendFormat",
        STRING_BUILDER,
        f"R.builder_append({{0}}, R.string_format({{1}}, {_LISTED}))",
        (STRING, OBJECT),
        repeats=True,
        effect=True,
    ),
    MemberRow(STRING_BUILDER, "Insert", STRING_BUILDER, "R.builder_insert({0}, {1}, {2})", (INT, STRING), effect=True),
    MemberRow(STRING_BUILDER, "Remove", STRING_BUILDER, "R.builder_remove({0}, {1}, {2})", (INT, INT), effect=True),
    MemberRow(STRING_BUILDER, "Replace", STRING_BUILDER, "R.builder_replace({0}, {1}, {2})", _SS, effect=True),
    MemberRow(STRING_BUILDER, "Clear", STRING_BUILDER, "R.builder_clear({0})", (), effect=True),
    MemberRow(STRING_BUILDER, "Length", INT, "R.builder_length({0})"),
    MemberRow(STRING_BUILDER, INDEXER, CHAR, "R.builder_at({0}, {1})", (INT,)),
    MemberRow(STRING_BUILDER, "ToString", STRING, "R.text({0})", ()),
)

ROWS: Final[tuple[MemberRow, ...]] = (
    *_STRING_ROWS,
    *_CHAR_ROWS,
    *_BUILDER_ROWS,
    *constants(STRING_COMPARISON, _COMPARISONS),
    *constants(SPLIT_OPTIONS, ("None", "RemoveEmptyEntries", "TrimEntries")),
    *(
        MemberRow(STRING_COMPARER, name, STRING_COMPARER, f"R.string_comparer({value})", static=True)
        for value, name in enumerate(_COMPARISONS)
    ),
    MemberRow(ENVIRONMENT, "NewLine", STRING, '"\\r\\n"', static=True),
    MemberRow(STRING_COMPARER, "Equals", BOOL, "{0}.equals({1}, {2})", _SS),
    MemberRow(STRING_COMPARER, "Compare", INT, "{0}.compare({1}, {2})", _SS),
)
"""Overloads of one member stand in the order in which messages list them."""
