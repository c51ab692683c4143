"""What the language itself brings: `T?`, exceptions, functions as values.

Source: the .NET reference of System.Nullable<T> and System.Exception.
"""

from __future__ import annotations

from typing import Final

from tidegate.policies.expressions.members.row import CONSTRUCTOR, MemberRow
from tidegate.policies.expressions.types import BOOL, NULLABLE, STRING, T, Type

EXCEPTION: Final = Type("Exception")
_SYSTEM: Final = Type("SystemException", bases=(EXCEPTION,))
_ARGUMENT: Final = Type("ArgumentException", bases=(_SYSTEM,))
_ARITHMETIC: Final = Type("ArithmeticException", bases=(_SYSTEM,))
_INVALID: Final = Type("InvalidOperationException", bases=(_SYSTEM,))
_FORMAT: Final = Type("FormatException", bases=(_SYSTEM,))
_XML: Final = Type("XmlException", bases=(_SYSTEM,), namespace="System.Xml")
_JSON: Final = Type("JsonException", bases=(EXCEPTION,), namespace="Newtonsoft.Json")

_EXCEPTIONS: Final = (
    EXCEPTION,
    _SYSTEM,
    Type("ApplicationException", bases=(EXCEPTION,)),
    _ARGUMENT,
    Type("ArgumentNullException", bases=(_ARGUMENT,)),
    Type("ArgumentOutOfRangeException", bases=(_ARGUMENT,)),
    _ARITHMETIC,
    Type("DivideByZeroException", bases=(_ARITHMETIC,)),
    Type("OverflowException", bases=(_ARITHMETIC,)),
    _FORMAT,
    Type("UriFormatException", bases=(_FORMAT,)),
    Type("IndexOutOfRangeException", bases=(_SYSTEM,)),
    Type("InvalidCastException", bases=(_SYSTEM,)),
    _INVALID,
    Type("NotSupportedException", bases=(_SYSTEM,)),
    Type("NullReferenceException", bases=(_SYSTEM,)),
    Type("TimeoutException", bases=(_SYSTEM,)),
    Type("KeyNotFoundException", bases=(_SYSTEM,), namespace="System.Collections.Generic"),
    Type("CryptographicException", bases=(_SYSTEM,), namespace="System.Security.Cryptography"),
    _XML,
    _JSON,
    Type("JsonReaderException", bases=(_JSON,), namespace="Newtonsoft.Json"),
    Type("JsonSerializationException", bases=(_JSON,), namespace="Newtonsoft.Json"),
)

TYPES: Final[tuple[Type, ...]] = (NULLABLE, *_EXCEPTIONS)


def _constructors(kind: Type) -> tuple[MemberRow, ...]:
    name = kind.name
    return (
        MemberRow(kind, CONSTRUCTOR, kind, f'R.exception("{name}")', (), static=True),
        MemberRow(kind, CONSTRUCTOR, kind, f'R.exception("{name}", {{1}})', (STRING,), static=True),
        MemberRow(kind, CONSTRUCTOR, kind, f'R.exception("{name}", {{1}}, {{2}})', (STRING, EXCEPTION), static=True),
    )


ROWS: Final[tuple[MemberRow, ...]] = (
    MemberRow(NULLABLE, "HasValue", BOOL, "({0} ~= nil)", null_receiver=True),
    MemberRow(NULLABLE, "Value", T, "R.value_of({0})", null_receiver=True),
    MemberRow(NULLABLE, "GetValueOrDefault", T, "R.value_or({0}, R.default_of({T}))", (), null_receiver=True),
    MemberRow(NULLABLE, "GetValueOrDefault", T, "R.value_or({0}, {1})", (T,), null_receiver=True),
    MemberRow(EXCEPTION, "Message", STRING, "R.exception_message({0})"),
    MemberRow(EXCEPTION, "InnerException", EXCEPTION, "{0}.inner", nullable=True),
    MemberRow(EXCEPTION, "StackTrace", STRING, '""'),
    MemberRow(EXCEPTION, "ToString", STRING, "R.exception_text({0})", ()),
    *(row for kind in _EXCEPTIONS for row in _constructors(kind)),
)
