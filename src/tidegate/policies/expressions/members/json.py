"""Newtonsoft.Json: JObject and its family, JsonConvert.

Source: the API reference of Newtonsoft.Json 13, namespaces Newtonsoft.Json and Newtonsoft.Json.Linq.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.encoding import GUID, URI
from tidegate.policies.expressions.members.row import CONSTRUCTOR, INDEXER, SETTER, MemberRow
from tidegate.policies.expressions.members.time import DATE_TIME, DATE_TIME_OFFSET, TIME_SPAN
from tidegate.policies.expressions.types import (
    BOOL,
    BYTE,
    BYTES,
    CHAR,
    DECIMAL,
    DOUBLE,
    ENUMERABLE,
    FLOAT,
    INT,
    LONG,
    OBJECT,
    PAIR,
    SBYTE,
    SHORT,
    STRING,
    UINT,
    ULONG,
    USHORT,
    VOID,
    T,
    Type,
    nullable,
)

_LINQ: Final = "Newtonsoft.Json.Linq"


def _token() -> Type:
    """JToken, which is a sequence of JToken: the only type here whose base names the type itself."""
    token = Type("JToken", namespace=_LINQ)
    object.__setattr__(token, "bases", (ENUMERABLE.of(token),))
    return token


JTOKEN: Final = _token()
TOKENS: Final = ENUMERABLE.of(JTOKEN)
JCONTAINER: Final = Type("JContainer", bases=(JTOKEN,), namespace=_LINQ)
JOBJECT: Final = Type("JObject", bases=(JCONTAINER,), namespace=_LINQ)
JARRAY: Final = Type("JArray", bases=(JCONTAINER,), namespace=_LINQ)
JPROPERTY: Final = Type("JProperty", bases=(JCONTAINER,), namespace=_LINQ)
JVALUE: Final = Type("JValue", bases=(JTOKEN,), namespace=_LINQ)
TOKEN_TYPE: Final = Type("JTokenType", is_reference=False, namespace=_LINQ)
MERGE_SETTINGS: Final = Type("JsonMergeSettings", namespace=_LINQ)
MERGE_ARRAYS: Final = Type("MergeArrayHandling", is_reference=False, namespace=_LINQ)
MERGE_NULLS: Final = Type("MergeNullValueHandling", is_reference=False, namespace=_LINQ)
FORMATTING: Final = Type("Formatting", is_reference=False, namespace="Newtonsoft.Json")
SETTINGS: Final = Type("JsonSerializerSettings", namespace="Newtonsoft.Json")
NULL_VALUES: Final = Type("NullValueHandling", is_reference=False, namespace="Newtonsoft.Json")
DATE_PARSING: Final = Type("DateParseHandling", is_reference=False, namespace="Newtonsoft.Json")
JSON_CONVERT: Final = Type("JsonConvert", is_value=False, namespace="Newtonsoft.Json")

TYPES: Final[tuple[Type, ...]] = (
    JTOKEN,
    JCONTAINER,
    JOBJECT,
    JARRAY,
    JPROPERTY,
    JVALUE,
    TOKEN_TYPE,
    MERGE_SETTINGS,
    MERGE_ARRAYS,
    MERGE_NULLS,
    FORMATTING,
    SETTINGS,
    NULL_VALUES,
    DATE_PARSING,
    JSON_CONVERT,
)

_S: Final = (STRING,)
_TOKEN_TYPES: Final = (
    "None", "Object", "Array", "Constructor", "Property", "Comment", "Integer", "Float", "String", "Boolean", "Null",
    "Undefined", "Date", "Raw", "Bytes", "Guid", "Uri", "TimeSpan",
)  # fmt: skip


def _enumeration(owner: Type, *names: str) -> tuple[MemberRow, ...]:
    return tuple(MemberRow(owner, name, owner, str(value), static=True) for value, name in enumerate(names))


def _explicit(*targets: Type) -> tuple[MemberRow, ...]:
    """`(int)token`: of reference types and `T?`, null for null."""
    rows = []
    for target in targets:
        name = str(target)
        rows.append(
            MemberRow(
                JTOKEN,
                "explicit",
                target,
                f'R.json_cast({{1}}, "{name}")',
                (JTOKEN,),
                static=True,
                nullable=target.is_reference or name.endswith("?"),
            )
        )
    return tuple(rows)


def _implicit(lua: str, *sources: Type) -> tuple[MemberRow, ...]:
    return tuple(MemberRow(JTOKEN, "implicit", JTOKEN, lua, (source,), static=True) for source in sources)


def _changing(owner: Type, name: str, lua: str, *parameters: Type, result: Type = VOID) -> MemberRow:
    return MemberRow(owner, name, result, lua, parameters, effect=True)


_NUMBERS: Final = (INT, LONG, DOUBLE, DECIMAL, FLOAT, UINT, ULONG, SHORT, USHORT, BYTE, SBYTE, CHAR)
_WHOLE: Final = (INT, UINT, SHORT, USHORT, BYTE, SBYTE)

_TOKEN_ROWS: Final = (
    MemberRow(JTOKEN, INDEXER, JTOKEN, "R.json_item({0}, {1})", (OBJECT,), nullable=True),
    _changing(JTOKEN, INDEXER + SETTER, "R.json_set({0}, {1}, {2})", OBJECT, JTOKEN),
    MemberRow(JTOKEN, "Value", T, "R.json_value_of({0}, {1}, {T})", (OBJECT,), nullable=True, variables=(T,)),
    MemberRow(JTOKEN, "Value", T, "R.json_as({0}, {T})", (), nullable=True, variables=(T,)),
    MemberRow(JTOKEN, "Values", ENUMERABLE.of(T), "R.json_values({0}, {T})", (), variables=(T,)),
    MemberRow(JTOKEN, "Values", TOKENS, 'R.json_values({0}, "JToken")', ()),
    MemberRow(JTOKEN, "Children", TOKENS, "R.json_children({0})", ()),
    MemberRow(JTOKEN, "Children", ENUMERABLE.of(T), "R.json_children_of({0}, {T})", (), variables=(T,)),
    MemberRow(JTOKEN, "First", JTOKEN, "{0}[1]", nullable=True),
    MemberRow(JTOKEN, "Last", JTOKEN, "R.json_last({0})", nullable=True),
    MemberRow(JTOKEN, "Next", JTOKEN, "R.json_sibling({0}, 1)", nullable=True),
    MemberRow(JTOKEN, "Previous", JTOKEN, "R.json_sibling({0}, -1)", nullable=True),
    MemberRow(JTOKEN, "Parent", JCONTAINER, "{0}.parent", nullable=True),
    MemberRow(JTOKEN, "Root", JTOKEN, "R.json_root({0})"),
    MemberRow(JTOKEN, "Path", STRING, "R.json_path({0})"),
    MemberRow(JTOKEN, "Type", TOKEN_TYPE, "R.json_type({0})"),
    MemberRow(JTOKEN, "HasValues", BOOL, "({0}.n > 0)"),
    MemberRow(JTOKEN, "SelectToken", JTOKEN, "R.json_select({0}, {1})", _S, nullable=True),
    MemberRow(JTOKEN, "SelectToken", JTOKEN, "R.json_select({0}, {1}, {2})", (STRING, BOOL), nullable=True),
    MemberRow(JTOKEN, "SelectTokens", TOKENS, "R.json_select_all({0}, {1})", _S),
    MemberRow(JTOKEN, "SelectTokens", TOKENS, "R.json_select_all({0}, {1}, {2})", (STRING, BOOL)),
    MemberRow(JTOKEN, "ToObject", T, "R.json_to({0}, {T_whole})", (), nullable=True, variables=(T,)),
    MemberRow(JTOKEN, "ToString", STRING, "R.json_shown({0})", ()),
    MemberRow(JTOKEN, "ToString", STRING, "R.json_text({0}, {1} == 0)", (FORMATTING,)),
    MemberRow(JTOKEN, "DeepClone", JTOKEN, "R.json_copy({0})", ()),
    MemberRow(JTOKEN, "Ancestors", ENUMERABLE.of(JCONTAINER), "R.json_ancestors({0})", ()),
    MemberRow(JTOKEN, "AncestorsAndSelf", TOKENS, "R.json_ancestors({0}, true)", ()),
    _changing(JTOKEN, "Remove", "R.json_remove({0})"),
    _changing(JTOKEN, "Replace", "R.json_replace({0}, {1})", JTOKEN),
    _changing(JTOKEN, "AddAfterSelf", "R.json_add_beside({0}, {1}, 1)", OBJECT),
    _changing(JTOKEN, "AddBeforeSelf", "R.json_add_beside({0}, {1}, 0)", OBJECT),
    MemberRow(JTOKEN, "Parse", JTOKEN, 'R.json_parse({1}, "JToken")', _S, static=True),
    MemberRow(JTOKEN, "FromObject", JTOKEN, "R.json_from({1})", (OBJECT,), static=True, not_null=(0,)),
    MemberRow(JTOKEN, "DeepEquals", BOOL, "R.json_equals({1}, {2})", (JTOKEN, JTOKEN), static=True),
    *_explicit(STRING, BOOL, *_NUMBERS, BYTES),
    *_explicit(DATE_TIME, DATE_TIME_OFFSET, GUID, TIME_SPAN, URI),
    *_explicit(*(nullable(each) for each in (BOOL, *_NUMBERS, DATE_TIME, DATE_TIME_OFFSET, GUID, TIME_SPAN))),
    *_implicit("R.json_text_value({1})", STRING),
    *_implicit('R.json_value("Integer", {1})', *_WHOLE),
    *_implicit('R.json_value("Float", {1})', DOUBLE, FLOAT, DECIMAL),
    *_implicit("R.json_from({1})", DATE_TIME, DATE_TIME_OFFSET, GUID, TIME_SPAN, URI),
    *_implicit("R.json_from({1})", BOOL, LONG, ULONG, BYTES, *(nullable(each) for each in (BOOL, LONG, INT))),
    *_implicit('R.json_number({1}, "double")', nullable(DOUBLE), nullable(FLOAT)),
    *_enumeration(TOKEN_TYPE, *_TOKEN_TYPES),
)

_CONTAINER_ROWS: Final = (
    MemberRow(JCONTAINER, "Count", INT, "{0}.n"),
    MemberRow(JCONTAINER, "Descendants", TOKENS, "R.json_descendants({0})", ()),
    MemberRow(JCONTAINER, "DescendantsAndSelf", TOKENS, "R.json_descendants({0}, true)", ()),
    _changing(JCONTAINER, "Add", "R.json_add({0}, {1})", OBJECT),
    _changing(JCONTAINER, "AddFirst", "R.json_add({0}, {1}, 1)", OBJECT),
    _changing(JCONTAINER, "RemoveAll", "R.json_clear({0})"),
    _changing(JCONTAINER, "ReplaceAll", "R.json_replace_all({0}, {1})", OBJECT),
    _changing(JCONTAINER, "Merge", "R.json_merge({0}, {1}, {{}})", OBJECT),
    _changing(JCONTAINER, "Merge", "R.json_merge({0}, {1}, {2})", OBJECT, MERGE_SETTINGS),
    MemberRow(MERGE_SETTINGS, CONSTRUCTOR, MERGE_SETTINGS, "{{}}", (), static=True),
    _changing(MERGE_SETTINGS, "MergeArrayHandling" + SETTER, "R.json_setting({0}, 'arrays', {1})", MERGE_ARRAYS),
    _changing(MERGE_SETTINGS, "MergeNullValueHandling" + SETTER, "R.json_setting({0}, 'nulls', {1})", MERGE_NULLS),
    *_enumeration(MERGE_ARRAYS, "Concat", "Union", "Replace", "Merge"),
    *_enumeration(MERGE_NULLS, "Ignore", "Merge"),
)

_OBJECT_ROWS: Final = (
    MemberRow(JOBJECT, CONSTRUCTOR, JOBJECT, "R.json_object()", (), static=True),
    MemberRow(JOBJECT, CONSTRUCTOR, JOBJECT, "R.json_copy({1})", (JOBJECT,), static=True, not_null=(0,)),
    MemberRow(
        JOBJECT,
        CONSTRUCTOR,
        JOBJECT,
        "R.json_of(R.json_object(), {{n = {count}, {rest}}})",
        (OBJECT,),
        static=True,
        repeats=True,
    ),
    MemberRow(JOBJECT, INDEXER, JTOKEN, "R.json_get({0}, {1})", _S, nullable=True),
    _changing(JOBJECT, INDEXER + SETTER, "R.json_set({0}, {1}, {2})", STRING, JTOKEN),
    MemberRow(JOBJECT, "Property", JPROPERTY, "R.json_property_of({0}, {1})", _S, nullable=True, not_null=(0,)),
    MemberRow(JOBJECT, "Properties", ENUMERABLE.of(JPROPERTY), "R.json_children({0})", ()),
    MemberRow(JOBJECT, "PropertyValues", TOKENS, "R.json_property_values({0})", ()),
    MemberRow(JOBJECT, "GetValue", JTOKEN, "R.json_get({0}, {1})", _S, nullable=True),
    MemberRow(JOBJECT, "ContainsKey", BOOL, "({0}.map[{1}] ~= nil)", _S, not_null=(0,)),
    MemberRow(JOBJECT, "TryGetValue", BOOL, "R.json_try({0}, {1})", (STRING, JTOKEN), out=(1,), effect=True),
    MemberRow(JOBJECT, "GetEnumerator", ENUMERABLE.of(PAIR.of(STRING, JTOKEN)), "R.json_pairs({0})", ()),
    _changing(JOBJECT, "Add", "R.json_add_named({0}, {1}, {2})", STRING, JTOKEN),
    _changing(JOBJECT, "TryAdd", "R.json_try_add({0}, {1}, {2})", STRING, JTOKEN, result=BOOL),
    _changing(JOBJECT, "Remove", "R.json_remove_named({0}, {1})", STRING, result=BOOL),
    MemberRow(JOBJECT, "DeepClone", JTOKEN, "R.json_copy({0})", ()),
    MemberRow(JOBJECT, "Parse", JOBJECT, 'R.json_parse({1}, "JObject")', _S, static=True),
    MemberRow(JOBJECT, "FromObject", JOBJECT, 'R.json_from_as({1}, "JObject")', (OBJECT,), static=True),
)

_ARRAY_ROWS: Final = (
    MemberRow(JARRAY, CONSTRUCTOR, JARRAY, "R.json_array()", (), static=True),
    MemberRow(JARRAY, CONSTRUCTOR, JARRAY, "R.json_copy({1})", (JARRAY,), static=True, not_null=(0,)),
    MemberRow(
        JARRAY,
        CONSTRUCTOR,
        JARRAY,
        "R.json_of(R.json_array(), {{n = {count}, {rest}}})",
        (OBJECT,),
        static=True,
        repeats=True,
    ),
    MemberRow(JARRAY, INDEXER, JTOKEN, "R.json_at({0}, {1})", (INT,)),
    _changing(JARRAY, INDEXER + SETTER, "R.json_set({0}, {1}, {2})", INT, JTOKEN),
    MemberRow(JARRAY, "Contains", BOOL, "(R.json_index_of({0}, {1}) > 0)", (JTOKEN,)),
    MemberRow(JARRAY, "IndexOf", INT, "(R.json_index_of({0}, {1}) - 1)", (JTOKEN,)),
    _changing(JARRAY, "Add", "R.json_add({0}, {1})", JTOKEN),
    _changing(JARRAY, "Insert", "R.json_insert({0}, {1}, {2})", INT, JTOKEN),
    _changing(JARRAY, "Remove", "R.json_remove_item({0}, {1})", JTOKEN, result=BOOL),
    _changing(JARRAY, "RemoveAt", "R.json_remove_at({0}, {1})", INT),
    _changing(JARRAY, "Clear", "R.json_clear({0})"),
    MemberRow(JARRAY, "Parse", JARRAY, 'R.json_parse({1}, "JArray")', _S, static=True),
    MemberRow(JARRAY, "FromObject", JARRAY, 'R.json_from_as({1}, "JArray")', (OBJECT,), static=True),
)

_VALUE_ROWS: Final = (
    MemberRow(
        JPROPERTY, CONSTRUCTOR, JPROPERTY, "R.json_property({1}, R.json_content({2}))", (STRING, OBJECT), static=True
    ),
    MemberRow(
        JPROPERTY,
        CONSTRUCTOR,
        JPROPERTY,
        "R.json_property({1}, R.json_of(R.json_array(), {{n = {count}, {rest}}}))",
        (STRING, OBJECT),
        static=True,
        repeats=True,
    ),
    MemberRow(JPROPERTY, "Name", STRING, "{0}.name"),
    MemberRow(JPROPERTY, "Value", JTOKEN, "{0}[1]"),
    _changing(JPROPERTY, "Value" + SETTER, "R.json_replace({0}[1], {1})", JTOKEN),
    MemberRow(JVALUE, CONSTRUCTOR, JVALUE, 'R.json_from_as({1}, "JValue")', (OBJECT,), static=True),
    MemberRow(JVALUE, "Value", OBJECT, "R.json_boxed({0})", nullable=True),
    _changing(JVALUE, "Value" + SETTER, "R.json_assign({0}, {1})", OBJECT),
    MemberRow(JVALUE, "CreateNull", JVALUE, "R.json_null()", (), static=True),
    MemberRow(JVALUE, "CreateString", JVALUE, "R.json_text_value({1})", _S, static=True),
)

_CONVERT_ROWS: Final = (
    MemberRow(JSON_CONVERT, "SerializeObject", STRING, "R.json_text(R.json_from({1}), true)", (OBJECT,), static=True),
    MemberRow(
        JSON_CONVERT,
        "SerializeObject",
        STRING,
        "R.json_text(R.json_from({1}), {2} == 0)",
        (OBJECT, FORMATTING),
        static=True,
    ),
    MemberRow(
        JSON_CONVERT,
        "DeserializeObject",
        T,
        "R.json_deserialize({1}, {T_whole})",
        _S,
        nullable=True,
        static=True,
        variables=(T,),
        not_null=(0,),
    ),
    MemberRow(
        JSON_CONVERT,
        "DeserializeObject",
        JTOKEN,
        'R.json_deserialize({1}, "object")',
        _S,
        nullable=True,
        static=True,
        not_null=(0,),
    ),
    MemberRow(
        JSON_CONVERT,
        "SerializeObject",
        STRING,
        "R.json_serialize({1}, 0, {2})",
        (OBJECT, SETTINGS),
        static=True,
    ),
    MemberRow(
        JSON_CONVERT,
        "SerializeObject",
        STRING,
        "R.json_serialize({1}, {2}, {3})",
        (OBJECT, FORMATTING, SETTINGS),
        static=True,
    ),
    MemberRow(
        JSON_CONVERT,
        "DeserializeObject",
        T,
        "R.json_deserialize({1}, {T_whole}, {2})",
        (STRING, SETTINGS),
        nullable=True,
        static=True,
        variables=(T,),
        not_null=(0,),
    ),
    MemberRow(SETTINGS, CONSTRUCTOR, SETTINGS, "{{}}", (), static=True),
    _changing(SETTINGS, "NullValueHandling" + SETTER, "R.json_setting({0}, 'nulls', {1})", NULL_VALUES),
    _changing(SETTINGS, "DateParseHandling" + SETTER, "R.json_setting({0}, 'dates', {1})", DATE_PARSING),
    _changing(SETTINGS, "Formatting" + SETTER, "R.json_setting({0}, 'formatting', {1})", FORMATTING),
    *_enumeration(NULL_VALUES, "Include", "Ignore"),
    *_enumeration(DATE_PARSING, "None", "DateTime"),
    *_enumeration(FORMATTING, "None", "Indented"),
)

ROWS: Final[tuple[MemberRow, ...]] = (
    *_TOKEN_ROWS,
    *_CONTAINER_ROWS,
    *_OBJECT_ROWS,
    *_ARRAY_ROWS,
    *_VALUE_ROWS,
    *_CONVERT_ROWS,
)
