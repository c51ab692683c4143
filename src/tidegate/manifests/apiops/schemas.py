"""JSON Schemas of a specification to what the runtime checks: a small form with every keyword spelt out.

OpenAPI 3.0 and 3.1 and Swagger 2 write the same things differently (`nullable`, `exclusiveMinimum`, `type` as a list);
behind this there is one way. What cannot be checked is refused, never left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_TYPES: Final = ("null", "boolean", "object", "array", "number", "string", "integer")
_NUMBERS: Final = {"minimum": "min", "maximum": "max", "multipleOf": "multiple"}
_COUNTS: Final = {
    "minLength": "min_length", "maxLength": "max_length", "minItems": "min_items", "maxItems": "max_items",
    "minProperties": "min_properties", "maxProperties": "max_properties",
}  # fmt: skip
_LISTS: Final = {"allOf": "all", "anyOf": "any", "oneOf": "one"}
_KNOWN: Final = frozenset(
    (
        *_NUMBERS, *_COUNTS, *_LISTS, "$ref", "type", "properties", "required", "additionalProperties", "items", "enum",
        "const", "pattern", "uniqueItems", "not", "nullable", "exclusiveMinimum", "exclusiveMaximum",
    )
)  # fmt: skip
_UNCHECKED: Final = frozenset(
    (
        "patternProperties", "dependencies", "dependentSchemas", "dependentRequired", "if", "then", "else", "contains",
        "minContains", "maxContains", "propertyNames", "prefixItems", "additionalItems", "unevaluatedProperties",
        "unevaluatedItems", "$dynamicRef", "$recursiveRef",
    )
)  # fmt: skip
"""Keywords of JSON Schema that would have to be checked. Any other unknown one says nothing (it annotates)."""
_MAX_DEPTH: Final = 64

JsonValue = Any  # a plain value of the specification


class Unsupported(Exception):
    """A part of the specification that cannot be checked."""

    def __init__(self, reason: str, path: tuple[str | int, ...]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path


def listed(value: JsonValue, path: tuple[str | int, ...]) -> Sequence[JsonValue]:
    """A list; empty where there is none."""
    if value is None:
        return ()
    if isinstance(value, (list, tuple)):
        return value
    raise Unsupported("has no list where one belongs", path)


def mapped(value: JsonValue, path: tuple[str | int, ...]) -> Mapping[str, JsonValue]:
    """A mapping; empty where there is none."""
    if value is None:
        return {}
    if isinstance(value, Mapping):
        return value
    raise Unsupported("has no mapping where one belongs", path)


@dataclass
class Schemas:
    """The schemas of one document, as one operation needs them."""

    document: Mapping[str, JsonValue]
    definitions: dict[str, JsonValue] = field(default_factory=dict)
    """What `ref` names, by the reference."""

    def resolve(self, value: JsonValue, path: tuple[str | int, ...]) -> tuple[JsonValue, tuple[str | int, ...]]:
        """What stands at the end of a chain of `$ref`, and where."""
        for _ in range(_MAX_DEPTH):
            if not isinstance(value, Mapping) or not isinstance(value.get("$ref"), str):
                return value, path
            value, path = self._referred(value["$ref"], path)
        raise Unsupported("has references that lead in a circle", path)

    def schema(self, value: JsonValue, path: tuple[str | int, ...], depth: int = 0) -> dict[str, JsonValue]:
        """One schema in the runtime's form."""
        if depth > _MAX_DEPTH:
            raise Unsupported("has schemas nested too deeply", path)
        if value is True or value is None:
            return {}
        if value is False:
            return {"nothing": True}
        if not isinstance(value, Mapping):
            raise Unsupported("has a schema that is no mapping", path)
        reference = value.get("$ref")
        if isinstance(reference, str):
            self._define(reference, path, depth)
            return {"ref": reference}
        return self._inline(value, path, depth)

    def _referred(self, reference: str, path: tuple[str | int, ...]) -> tuple[JsonValue, tuple[str | int, ...]]:
        if not reference.startswith("#/"):
            raise Unsupported(f"refers to another document (`{reference}`)", path)
        steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/"))
        value: JsonValue = self.document
        for step in steps:
            if not isinstance(value, Mapping) or step not in value:
                raise Unsupported(f"refers to `{reference}`, which is not there", path)
            value = value[step]
        return value, steps

    def _define(self, reference: str, path: tuple[str | int, ...], depth: int) -> None:
        if reference in self.definitions:
            return
        value, place = self._referred(reference, path)
        self.definitions[reference] = {}  # it may refer to itself
        self.definitions[reference] = self.schema(value, place, depth + 1)

    def _inline(self, value: Mapping[str, JsonValue], path: tuple[str | int, ...], depth: int) -> dict[str, JsonValue]:
        for keyword in value:
            if keyword in _UNCHECKED:
                raise Unsupported(f"has `{keyword}` in a schema", (*path, keyword))
        result: dict[str, JsonValue] = _types(value, path)
        for keyword, name in (*_NUMBERS.items(), *_COUNTS.items()):
            number = value.get(keyword)
            if number is not None:
                if isinstance(number, bool) or not isinstance(number, (int, float)):
                    raise Unsupported(f"has a `{keyword}` that is no number", (*path, keyword))
                result[name] = number
        _exclusive(value, result, path)
        self._object(value, result, path, depth)
        if value.get("items") is not None:
            if isinstance(value["items"], Sequence) and not isinstance(value["items"], str):
                raise Unsupported("has a list of `items` in a schema", (*path, "items"))
            result["items"] = self.schema(value["items"], (*path, "items"), depth + 1)
        if value.get("uniqueItems") is True:
            result["unique"] = True
        for keyword, name in _LISTS.items():
            if value.get(keyword):
                result[name] = [
                    self.schema(each, (*path, keyword, i), depth + 1)
                    for i, each in enumerate(listed(value[keyword], (*path, keyword)))
                ]
        if "not" in value:
            result["no"] = self.schema(value["not"], (*path, "not"), depth + 1)
        if isinstance(value.get("pattern"), str):
            result["pattern"] = value["pattern"]
        if "enum" in value or "const" in value:
            allowed = listed(value["enum"], (*path, "enum")) if "enum" in value else (value.get("const"),)
            result["enum"] = [_scalar(each, path) for each in allowed]
        return result

    def _object(
        self, value: Mapping[str, JsonValue], result: dict[str, JsonValue], path: tuple[str | int, ...], depth: int
    ) -> None:
        if isinstance(value.get("properties"), Mapping):
            result["properties"] = {
                name: self.schema(each, (*path, "properties", name), depth + 1)
                for name, each in value["properties"].items()
            }
        if isinstance(value.get("required"), Sequence) and not isinstance(value["required"], str):
            result["required"] = [str(name) for name in value["required"]]
        more = value.get("additionalProperties")
        if more is False:
            result["more"] = False
        elif isinstance(more, Mapping) and more:
            result["more"] = self.schema(more, (*path, "additionalProperties"), depth + 1)


def _types(value: Mapping[str, JsonValue], path: tuple[str | int, ...]) -> dict[str, JsonValue]:
    types = value.get("type")
    if types is None:
        return {}
    names = [types] if isinstance(types, str) else list(listed(types, (*path, "type")))
    if any(each not in _TYPES for each in names):
        raise Unsupported(f"has the type `{types}` in a schema", (*path, "type"))
    if value.get("nullable") is True and "null" not in names:
        names.append("null")
    return {"types": names}


def _exclusive(value: Mapping[str, JsonValue], result: dict[str, JsonValue], path: tuple[str | int, ...]) -> None:
    """A flag beside `minimum` in OpenAPI 3.0, a number of its own in 3.1."""
    for keyword, name, plain in (("exclusiveMinimum", "above", "min"), ("exclusiveMaximum", "below", "max")):
        given = value.get(keyword)
        if given is True and plain in result:
            result[name] = result.pop(plain)
        elif isinstance(given, (int, float)) and not isinstance(given, bool):
            result[name] = given
        elif given not in (None, False, True):
            raise Unsupported(f"has a `{keyword}` that is no number", (*path, keyword))


def _scalar(value: JsonValue, path: tuple[str | int, ...]) -> str:
    """A value of an `enum` as the runtime compares it."""
    if isinstance(value, (Mapping, list, tuple)):
        raise Unsupported("has an `enum` with objects or lists in a schema", (*path, "enum"))
    if isinstance(value, str):
        return f"s{value}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"n{float(value)!r}"
    return json.dumps(value)
