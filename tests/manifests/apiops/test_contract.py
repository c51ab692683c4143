"""What a specification says of one operation, as far as policies ask."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.diagnostics import Found
from tidegate.manifests.apiops.contract import Contract
from tidegate.sources import Mapping, Source
from tidegate.sources.yaml import read_yaml

SWAGGER = """
swagger: '2.0'
consumes: [application/json]
definitions: {Order: {type: object}}
paths:
  /a/{id}:
    get:
      parameters:
        - {name: id, in: path, required: true, type: integer}
        - {name: tag, in: query, type: array, items: {type: string}, collectionFormat: multi}
        - {name: body, in: body, required: true, schema: {$ref: '#/definitions/Order'}}
      responses:
        '200': {description: ok, schema: {$ref: '#/definitions/Order'}, examples: {application/json: {a: 1}}}
        default: {description: no}
"""


def parts(text: str, *wanted: str, template: str = "/a/{id}") -> tuple[dict[str, Any] | None, list[str]]:
    (root,) = read_yaml(Source("a.yaml", text), Found(), {})
    assert isinstance(root, Mapping)
    found = Found()
    made = Contract(root, template, "GET", "op").parts(frozenset(wanted), found)
    return made, [f"{each.span.line}:{each.code.code}" for each in found if each.span]


def test_swagger() -> None:
    """Parameters carry their schemas themselves; the body is one of them."""
    made, found = parts(SWAGGER, "parameters", "request", "responses", "mock")
    assert (found, made is not None) == ([], True)
    assert made is not None
    assert made["parameters"] == [
        {
            "name": "id", "in": "path", "required": True, "list": False, "repeats": False,
            "schema": {"types": ["integer"]},
        },
        {
            "name": "tag", "in": "query", "required": False, "list": True, "repeats": True,
            "schema": {"types": ["array"], "items": {"types": ["string"]}},
        },
    ]  # fmt: skip
    body = {"schema": {"ref": "#/definitions/Order"}, "name": "Order"}
    assert made["request"] == {"required": True, "bodies": {"application/json": body}}
    assert made["responses"] == {
        "200": {"bodies": {"application/json": body}, "headers": {}},
        "default": {"bodies": {}, "headers": {}},
    }
    assert made["schemas"] == {"#/definitions/Order": {"types": ["object"]}}
    assert made["mock"] == [{"status": 200, "content_type": "application/json", "body": '{\n  "a": 1\n}'}]


@pytest.mark.parametrize(
    "parameter",
    [
        "{name: q, in: query, schema: {type: object}}",
        "{name: q, in: query, style: deepObject, schema: {type: string}}",
        "{name: q, in: query, content: {application/json: {}}}",
        "{name: q, in: query, schema: {if: {}}}",
    ],
)
def test_parameters_that_cannot_be_checked(parameter: str) -> None:
    """They are told at their place, and only where a policy asks."""
    text = f"openapi: 3.0.1\npaths:\n  /a:\n    get:\n      parameters:\n        - {parameter}\n"
    assert parts(text, "parameters", template="/a") == (None, ["6:TG1251"])
    assert parts(text, "request", template="/a") == ({"request": {"bodies": {}}}, [])


def test_the_operations_parameters_go_over_its_paths() -> None:
    """By name and place; Accept, Content-Type and Authorization are nobody's to check."""
    text = """
openapi: 3.1.0
paths:
  /a:
    parameters:
      - {name: p, in: query, schema: {type: string}}
      - {name: Authorization, in: header, schema: {type: string}}
    get:
      parameters: [{name: p, in: query, schema: {type: integer}}]
"""
    made, _ = parts(text, "parameters", template="/a")
    assert made is not None
    assert [each["schema"] for each in made["parameters"]] == [{"types": ["integer"]}]
