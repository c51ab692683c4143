"""Examples that are made of schemas."""

from __future__ import annotations

import pytest

from tidegate.manifests.apiops.examples import example_of
from tidegate.manifests.apiops.schemas import Schemas

DOCUMENT = {"Self": {"properties": {"inner": {"$ref": "#/Self"}, "n": {"type": "integer"}}}}


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        (None, None),
        ({"example": 7, "type": "string"}, 7),
        ({"default": "d"}, "d"),
        ({"enum": ["a", "b"]}, "a"),
        ({"type": ["null", "boolean"]}, True),
        ({"type": "string", "format": "date"}, "2000-01-23"),
        ({"type": "array", "items": {"type": "number"}}, [0]),
        ({"type": "array"}, []),
        ({"allOf": [{"properties": {"a": {}}}, {"properties": {"b": {"example": 2}}}]}, {"a": None, "b": 2}),
        ({"oneOf": [{"type": "string"}]}, "string"),
    ],
)  # fmt: skip
def test_examples(schema: object, example: object) -> None:
    """The schema's own words first, then its types."""
    assert example_of(schema, Schemas(DOCUMENT)) == example


def test_schemas_that_name_themselves_end() -> None:
    """At some depth there is nothing any more."""
    text = repr(example_of({"$ref": "#/Self"}, Schemas(DOCUMENT)))
    assert text.count("inner") < 20
