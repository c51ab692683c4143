"""The types that expressions may have, and which of them a value can be given as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Type:
    """A .NET type. Compared by name and arguments: headers and claims have one .NET type but different names here,
    because they are different things at run time."""

    name: str
    """Without type arguments: `string`, `List`. An array is `[]` of its element."""
    shown: str = field(default="", compare=False)
    """As messages name it, where that differs."""
    is_reference: bool = field(default=True, compare=False)
    """Whether null is one of its values."""
    is_value: bool = field(default=True, compare=False)
    """False for what exists only to be asked for members: `context`, `context.Request`, the class `String`."""
    arguments: tuple[Type, ...] = ()
    bases: tuple[Type, ...] = field(default=(), compare=False)
    """What it converts to without a cast, nearest first; members of a base are members of it."""
    namespace: str = field(default="System", compare=False)
    """For names that are written in full: `System.Text.Encoding`."""
    aliases: tuple[str, ...] = field(default=(), compare=False)
    """Other names of the same type: `String`."""
    is_variable: bool = field(default=False, compare=False)
    """A type parameter of a row: `T`."""

    def __str__(self) -> str:
        if self.shown:
            return self.shown
        if self.name in ("[]", "Nullable"):
            return f"{self.arguments[0]}{'?' if self.name == 'Nullable' else '[]'}"
        return self.name + (f"<{', '.join(map(str, self.arguments))}>" if self.arguments else "")

    def of(self, *arguments: Type) -> Type:
        """The generic type with these arguments in the place of its own."""
        return _of(self, arguments)


@cache
def _of(type_: Type, arguments: tuple[Type, ...]) -> Type:
    return substituted(type_, dict(zip(type_.arguments, arguments, strict=True)))


def substituted(type_: Type, known: Mapping[Type, Type]) -> Type:
    """The type with type variables replaced."""
    if type_ in known:
        return known[type_]
    if not type_.arguments:
        return type_
    return Type(
        type_.name,
        type_.shown,
        type_.is_reference,
        type_.is_value,
        tuple(substituted(a, known) for a in type_.arguments),
        tuple(substituted(b, known) for b in type_.bases),
        type_.namespace,
        type_.aliases,
    )


T: Final = Type("T", is_variable=True)
R: Final = Type("R", is_variable=True)
K: Final = Type("K", is_variable=True)
V: Final = Type("V", is_variable=True)

BOOL: Final = Type("bool", is_reference=False, aliases=("Boolean",))
INT: Final = Type("int", is_reference=False, aliases=("Int32",))
LONG: Final = Type("long", is_reference=False, aliases=("Int64",))
UINT: Final = Type("uint", is_reference=False, aliases=("UInt32",))
ULONG: Final = Type("ulong", is_reference=False, aliases=("UInt64",))
SHORT: Final = Type("short", is_reference=False, aliases=("Int16",))
USHORT: Final = Type("ushort", is_reference=False, aliases=("UInt16",))
BYTE: Final = Type("byte", is_reference=False, aliases=("Byte",))
SBYTE: Final = Type("sbyte", is_reference=False, aliases=("SByte",))
FLOAT: Final = Type("float", is_reference=False, aliases=("Single",))
DOUBLE: Final = Type("double", is_reference=False, aliases=("Double",))
DECIMAL: Final = Type("decimal", is_reference=False, aliases=("Decimal",))
CHAR: Final = Type("char", is_reference=False, aliases=("Char",))
ENUMERABLE: Final = Type("IEnumerable", arguments=(T,), namespace="System.Collections.Generic")
STRING: Final = Type("string", aliases=("String",), bases=(ENUMERABLE.of(CHAR),))
OBJECT: Final = Type("object", aliases=("Object",))
DYNAMIC: Final = Type("dynamic")
VOID: Final = Type("void", is_value=False)
NULL: Final = Type("null")

COLLECTION: Final = Type("ICollection", arguments=(T,), bases=(ENUMERABLE,), namespace="System.Collections.Generic")
LIST_INTERFACE: Final = Type("IList", arguments=(T,), bases=(COLLECTION,), namespace="System.Collections.Generic")
ARRAY: Final = Type("[]", arguments=(T,), bases=(LIST_INTERFACE,))
LIST: Final = Type("List", arguments=(T,), bases=(LIST_INTERFACE,), namespace="System.Collections.Generic")
PAIR: Final = Type("KeyValuePair", is_reference=False, arguments=(K, V), namespace="System.Collections.Generic")
DICTIONARY_INTERFACE: Final = Type(
    "IDictionary", arguments=(K, V), bases=(ENUMERABLE.of(PAIR),), namespace="System.Collections.Generic"
)
DICTIONARY: Final = Type(
    "Dictionary", arguments=(K, V), bases=(DICTIONARY_INTERFACE,), namespace="System.Collections.Generic"
)
FUNC: Final = Type("Func", arguments=(T, R))
BYTES: Final = ARRAY.of(BYTE)


def func(*types: Type) -> Type:
    """`Func<parameters..., result>`."""
    return Type("Func", arguments=types)


def action(*types: Type) -> Type:
    """`Action<parameters...>`: a function without a value."""
    return Type("Func", arguments=(*types, VOID))


NULLABLE: Final = Type("Nullable", is_reference=False, arguments=(T,))


def nullable(type_: Type) -> Type:
    """`T?` of a value type: nil, or the value as it is."""
    return NULLABLE.of(type_)


STRING_ARRAY: Final = ARRAY.of(STRING)
STRINGS: Final = ENUMERABLE.of(STRING)
JWT: Final = Type("Jwt")
CLAIMS: Final = Type(
    "claims", "IReadOnlyDictionary<string, string[]>", bases=(ENUMERABLE.of(PAIR.of(STRING, STRING_ARRAY)),)
)

CONTEXT: Final = Type("context", "IProxyRequestContext", is_value=False)
REQUEST: Final = Type("request", "IRequest", is_value=False)
RESPONSE: Final = Type("response", "IResponse", is_value=False)
REQUEST_HEADERS: Final = Type("request headers", "IReadOnlyDictionary<string, string[]>", is_value=False)
RESPONSE_HEADERS: Final = Type("response headers", "IReadOnlyDictionary<string, string[]>", is_value=False)
VARIABLES: Final = Type("variables", "IReadOnlyDictionary<string, object>", is_value=False)
URL: Final = Type("url", "IUrl", is_value=False)
LAST_ERROR: Final = Type("last error", "LastError", is_value=False)

KEYWORDS: Final = {
    "string": STRING,
    "bool": BOOL,
    "int": INT,
    "long": LONG,
    "uint": UINT,
    "ulong": ULONG,
    "short": SHORT,
    "ushort": USHORT,
    "byte": BYTE,
    "sbyte": SBYTE,
    "float": FLOAT,
    "double": DOUBLE,
    "decimal": DECIMAL,
    "char": CHAR,
    "object": OBJECT,
    "void": VOID,
}
"""Types that the language has words for."""

UNBOXED: Final = (STRING, BOOL, INT, LONG, ULONG, DECIMAL)
"""Types of the language whose values tell at run time what they are; the others are boxed when they become object."""


def is_nullable_value(type_: Type) -> bool:
    """Whether it is `T?`."""
    return type_.name == "Nullable"


def underlying(type_: Type) -> Type:
    """T of `T?`; any other type is itself."""
    return type_.arguments[0] if type_.name == "Nullable" else type_


def is_array(type_: Type) -> bool:
    return type_.name == "[]"


def runtime_name(type_: Type) -> str:
    """What the runtime calls it: type arguments do not exist there, but for byte[] and `T?`."""
    if type_.name == "[]":
        return "byte[]" if type_.arguments[0] == BYTE else "[]"
    if type_.name == "Nullable":
        return f"{runtime_name(type_.arguments[0])}?"
    return type_.name
