"""The types that expressions may have, and which of them a value can be given as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Type:
    """A .NET type. Compared by identity of name: headers and claims have one .NET type but different names here,
    because they are different things at run time."""

    name: str
    shown: str = ""
    """As messages name it, where that differs."""
    is_reference: bool = True
    """Whether null is one of its values."""
    is_value: bool = True
    """False for what exists only to be asked for members: `context`, `context.Request`, the class `String`."""

    def __str__(self) -> str:
        return self.shown or self.name


STRING: Final = Type("string")
BOOL: Final = Type("bool", is_reference=False)
INT: Final = Type("int", is_reference=False)
OBJECT: Final = Type("object")
NULL: Final = Type("null")
STRING_ARRAY: Final = Type("string[]")
STRINGS: Final = Type("IEnumerable<string>")
JWT: Final = Type("Jwt")
CLAIMS: Final = Type("claims", "IReadOnlyDictionary<string, string[]>")

CONTEXT: Final = Type("context", "IProxyRequestContext", is_value=False)
REQUEST: Final = Type("request", "IRequest", is_value=False)
RESPONSE: Final = Type("response", "IResponse", is_value=False)
REQUEST_HEADERS: Final = Type("request headers", "IReadOnlyDictionary<string, string[]>", is_value=False)
RESPONSE_HEADERS: Final = Type("response headers", "IReadOnlyDictionary<string, string[]>", is_value=False)
VARIABLES: Final = Type("variables", "IReadOnlyDictionary<string, object>", is_value=False)
URL: Final = Type("url", "IUrl", is_value=False)
LAST_ERROR: Final = Type("last error", "LastError", is_value=False)
STRING_CLASS: Final = Type("class string", "string", is_value=False)

BY_NAME: Final = {
    "string": STRING,
    "String": STRING,
    "bool": BOOL,
    "Boolean": BOOL,
    "int": INT,
    "Int32": INT,
    "object": OBJECT,
    "Object": OBJECT,
    "Jwt": JWT,
    "string[]": STRING_ARRAY,
    "String[]": STRING_ARRAY,
}
"""Types that a cast or a type argument may name."""


def converts(given: Type, wanted: Type) -> bool:
    """Whether C# passes a `given` where a `wanted` is expected, without a cast (C# section 10.2)."""
    if given == wanted:
        return True
    if given is NULL:
        return wanted.is_reference and wanted.is_value
    if wanted is OBJECT:
        return given.is_value
    return wanted is STRINGS and given is STRING_ARRAY
