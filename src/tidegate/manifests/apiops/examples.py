"""An example of a schema, where the specification gives none: what mock-response answers with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tidegate.manifests.apiops.schemas import Schemas

_MAX_DEPTH: Final = 8
_PLAIN: Final[Mapping[str, object]] = {"string": "string", "integer": 0, "number": 0, "boolean": True, "null": None}
_FORMATS: Final[Mapping[str, str]] = {
    "date-time": "2000-01-23T04:56:07.000+00:00",
    "date": "2000-01-23",
    "uuid": "046b6c7f-0b8a-43b9-b35d-6489e6daee91",
    "uri": "http://example.com/aeiou",
    "email": "someone@example.com",
}


def example_of(schema: object, schemas: Schemas, depth: int = 0) -> object:
    """The schema's own example, default or first allowed value; else one that is made of its types."""
    value, _ = schemas.resolve(schema, ())
    if not isinstance(value, Mapping) or depth > _MAX_DEPTH:
        return None
    for keyword in ("example", "default"):
        if keyword in value:
            return value[keyword]
    for keyword in ("examples", "enum"):
        if isinstance(value.get(keyword), list) and value[keyword]:
            return value[keyword][0]
    if isinstance(value.get("allOf"), list) and value["allOf"]:
        merged: dict[str, Any] = {}
        for each in value["allOf"]:
            part = example_of(each, schemas, depth + 1)
            if isinstance(part, Mapping):
                merged |= part
        return merged
    for keyword in ("oneOf", "anyOf"):
        if isinstance(value.get(keyword), list) and value[keyword]:
            return example_of(value[keyword][0], schemas, depth + 1)
    return _of_type(value, schemas, depth)


def _of_type(value: Mapping[str, Any], schemas: Schemas, depth: int) -> object:
    given = value.get("type")
    type_ = next((each for each in given if each != "null"), "null") if isinstance(given, list) else given
    if type_ == "array":
        inner = example_of(value.get("items"), schemas, depth + 1)
        return [] if inner is None else [inner]
    if type_ == "object" or "properties" in value:
        given = value.get("properties")
        properties = given if isinstance(given, Mapping) else {}
        return {name: example_of(each, schemas, depth + 1) for name, each in properties.items()}
    if type_ == "string":
        return _FORMATS.get(str(value.get("format")), "string")
    return _PLAIN.get(str(type_))
