"""Schemas of OpenAPI 3.0, 3.1 and Swagger 2 in one form; what cannot be checked is refused with its place."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.manifests.apiops.schemas import Schemas, Unsupported

TREE = {"properties": {"left": {"$ref": "#/components/schemas/tree"}}}
DOCUMENT: dict[str, Any] = {"components": {"schemas": {"a/b": {"type": "string"}, "tree": TREE}}}


def made(schema: object) -> dict[str, Any]:
    return Schemas(DOCUMENT).schema(schema, ("s",))


@pytest.mark.parametrize(
    ("schema", "form"),
    [
        (True, {}),
        (False, {"nothing": True}),
        ({}, {}),
        ({"type": "string", "nullable": True}, {"types": ["string", "null"]}),
        ({"type": ["string", "null"]}, {"types": ["string", "null"]}),
        ({"minimum": 1, "exclusiveMinimum": True}, {"above": 1}),
        ({"exclusiveMinimum": 1}, {"above": 1}),
        ({"maximum": 1, "exclusiveMaximum": False}, {"max": 1}),
        ({"enum": ["a", 1, 1.5, None, True]}, {"enum": ["sa", "n1.0", "n1.5", "null", "true"]}),
        ({"const": "a"}, {"enum": ["sa"]}),
        ({"additionalProperties": True}, {}),
        ({"additionalProperties": False}, {"more": False}),
        ({"additionalProperties": {"type": "string"}}, {"more": {"types": ["string"]}}),
        ({"items": {"minLength": 1}, "uniqueItems": True}, {"items": {"min_length": 1}, "unique": True}),
        ({"oneOf": [{"type": "string"}], "not": {}}, {"one": [{"types": ["string"]}], "no": {}}),
        ({"description": "d", "x-any": 1, "format": "uuid", "example": 1}, {}),
    ],
)
def test_forms(schema: object, form: dict[str, Any]) -> None:
    """Every keyword that is checked, and those that only annotate."""
    assert made(schema) == form


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ({"patternProperties": {}}, ("s", "patternProperties")),
        ({"properties": {"a": {"if": {}}}}, ("s", "properties", "a", "if")),
        ({"type": "file"}, ("s", "type")),
        ({"items": [{}]}, ("s", "items")),
        ({"minimum": "1"}, ("s", "minimum")),
        ({"enum": [{}]}, ("s", "enum")),
        ({"$ref": "other.yaml#/a"}, ("s",)),
        ({"$ref": "#/components/schemas/none"}, ("s",)),
        ("text", ("s",)),
    ],
)
def test_what_cannot_be_checked(schema: object, path: tuple[str, ...]) -> None:
    """A check that leaves something out would let through what it promises to refuse."""
    with pytest.raises(Unsupported) as caught:
        made(schema)
    assert caught.value.path == path


def test_references() -> None:
    """Also to themselves, and with `/` in their names."""
    schemas = Schemas(DOCUMENT)
    assert schemas.schema({"$ref": "#/components/schemas/tree"}, ()) == {"ref": "#/components/schemas/tree"}
    assert schemas.definitions == {
        "#/components/schemas/tree": {"properties": {"left": {"ref": "#/components/schemas/tree"}}}
    }
    assert schemas.resolve({"$ref": "#/components/schemas/a~1b"}, ())[0] == {"type": "string"}
    circle = Schemas({"a": {"$ref": "#/b"}, "b": {"$ref": "#/a"}})
    with pytest.raises(Unsupported, match="circle"):
        circle.resolve({"$ref": "#/a"}, ())


def test_depth_is_bounded() -> None:
    """Files are hostile."""
    schema: dict[str, Any] = {}
    for _ in range(100):
        schema = {"items": schema}
    with pytest.raises(Unsupported, match="deeply"):
        made(schema)
