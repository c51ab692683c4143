"""validate-content, -parameters, -headers and -status-code in real Envoy: messages against the API's specification."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apim_files import api, document
from gateway_lab import Lab

pytestmark = pytest.mark.e2e

URL = {"serviceUrl": "http://echo.default.svc", "subscriptionRequired": False}
GENERIC = "The request could not be processed due to an internal error. Contact the API owner."
ORDER = {
    "type": "object",
    "required": ["id", "lines"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "minLength": 2, "maxLength": 5, "pattern": "^[a-zé]+$", "nullable": True},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "share": {"type": "number", "exclusiveMaximum": True, "maximum": 1},
        "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Line"}},
        "parent": {"$ref": "#/components/schemas/Order"},
        "either": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
    },
}
LINE = {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}
PARAMETERS = [
    {"$ref": "#/components/parameters/page"},
    {"name": "tags", "in": "query", "required": True, "schema": {"type": "array", "items": {"type": "integer"}}},
    {"name": "X-Region", "in": "header", "schema": {"type": "string", "enum": ["west"]}},
]
REQUEST = {"$ref": "#/components/schemas/Order"}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[a-z]+$"}}
SPECIFICATION: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "orders", "version": "1"},
    "components": {
        "schemas": {"Order": ORDER, "Line": LINE},
        "parameters": {"page": {"name": "page", "in": "query", "schema": {"type": "integer", "maximum": 9}}},
    },
    "paths": {
        "/orders/{id}": {
            "parameters": [ID],
            "post": {
                "operationId": "post",
                "parameters": PARAMETERS,
                "requestBody": {"required": True, "content": {"application/json": {"schema": REQUEST}}},
                "responses": {
                    "200": {
                        "description": "ok",
                        "headers": {"X-Rate": {"required": True, "schema": {"type": "integer"}}},
                        "content": {"application/json": {"schema": {"type": "object", "required": ["backend"]}}},
                    }
                },
            },
        }
    },
}  # fmt: skip
CONTENT = (
    '<validate-content unspecified-content-type-action="prevent" max-size="1024" size-exceeded-action="prevent"'
    ' errors-variable-name="errors"><content-type-map missing-content-type-value="application/json">'
    '<type from="application/hal+json" to="application/json" /></content-type-map>'
    '<content type="application/json" validate-as="json" action="{action}" {more} /></validate-content>'
)
ERRORS = (
    '<set-header name="x-reason" exists-action="override"><value>@(context.LastError.Reason)</value></set-header>'
    '<set-header name="x-message" exists-action="override">'
    '<value>@(context.LastError.Message.Replace("\\n", " "))</value></set-header>'
)


def serve(lab: Lab, inbound: str = "", *, outbound: str = "") -> None:
    if not lab.services:
        lab.http("echo")
    policy = document(f"<base />{inbound}", outbound=f"<base />{outbound}", on_error=f"<base />{ERRORS}")
    lab.apply("", artifacts=api("shop", specification=SPECIFICATION, policy=policy, **URL))


def post(lab: Lab, body: object, *headers: tuple[str, str], path: str = "/shop/orders/abc?tags=1") -> Any:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lab.get(path, *(headers or (("content-type", "application/json"),)), port=81, method="POST", body=text)


GOOD = {"id": 1, "lines": [{"sku": "x"}]}


def test_bodies_of_requests(lab: Lab) -> None:
    """Types, required and additional properties, bounds, patterns, enumerations, references, also to itself."""
    serve(lab, CONTENT.format(action="prevent", more=""))
    for good in (
        GOOD,
        {**GOOD, "name": "añé".replace("ñ", "é"), "kind": "b", "share": 0.5, "either": "x"},
        {**GOOD, "name": None, "parent": {**GOOD, "parent": GOOD}},
        {**GOOD, "id": 1.0},
    ):
        assert post(lab, good).status == 200, good
    for bad, said in (
        ({"id": 1}, "Required properties are missing from object: lines."),
        (
            {**GOOD, "more": 1},
            "Property 'more' has not been defined and the schema does not allow additional properties.",
        ),
        ({**GOOD, "id": "1"}, "Invalid type. Expected Integer but got String. Path 'id'."),
        ({**GOOD, "id": 0}, "Integer 0 is less than minimum value of 1."),
        ({**GOOD, "name": "a"}, "is less than minimum length of 2."),
        ({**GOOD, "name": "éééééé"}, "exceeds maximum length of 5."),
        ({**GOOD, "name": "AB"}, "does not match regex pattern"),
        ({**GOOD, "kind": "c"}, 'Value "c" is not defined in enum.'),
        ({**GOOD, "share": 1}, "is not less than 1."),
        ({**GOOD, "lines": []}, "Array item count 0 is less than minimum count of 1."),
        ({**GOOD, "lines": [{}]}, "Path 'lines[0]'."),
        ({**GOOD, "either": True}, "no schemas from 'oneOf'"),
        ({**GOOD, "parent": {}}, "Path 'parent'."),
        (b"{", "Unexpected end"),
    ):
        answer = post(lab, bad)
        assert (answer.status, answer.json["statusCode"]) == (400, 400), bad
        assert said in answer.json["message"], (bad, answer.json)
        assert answer.header("x-reason") == "Bad request"
    assert post(lab, GOOD, ("content-type", "application/hal+json")).status == 200
    assert post(lab, GOOD, ("x-none", "1")).status == 200
    other = post(lab, GOOD, ("content-type", "text/plain"))
    assert (other.status, other.json["message"]) == (400, "Unspecified content type text/plain is not allowed.")
    large = post(lab, {**GOOD, "name": "x" * 2000})
    assert large.json["message"].endswith("exceeds the limit of 1024 bytes.")


def test_detecting_keeps_errors_in_the_variable(lab: Lab) -> None:
    """They are there for later policies, with their details; the request goes on."""
    shown = (
        '<set-header name="x-errors" exists-action="override">'
        '<value>@(context.Variables["errors"].ToString().Replace("\\n", "").Replace("\\r", ""))</value></set-header>'
    )
    serve(lab, CONTENT.format(action="detect", more='allow-additional-properties="true"') + shown)
    answer = post(lab, {"id": "x", "lines": [], "more": 1})
    assert answer.status == 200
    errors = json.loads(answer.got("x-errors"))
    assert [each["Action"] for each in errors] == ["detect", "detect"]
    assert errors[0]["Type"] == "RequestBody"
    assert errors[0]["ValidationRule"] == "IncorrectMessage"


def test_bodies_of_responses_tell_nothing(lab: Lab) -> None:
    """502 with general words; on-error knows more."""
    serve(lab, outbound=CONTENT.format(action="prevent", more=""))
    assert post(lab, GOOD).status == 200
    wrong = '<set-body>{"other": 1}</set-body>'
    serve(lab, outbound=wrong + CONTENT.format(action="prevent", more=""))
    answer = post(lab, GOOD)
    assert (answer.status, answer.json) == (502, {"statusCode": 502, "message": GENERIC})
    assert "Required properties are missing from object: backend." in str(answer.header("x-message"))


def test_parameters(lab: Lab) -> None:
    """Query, path and headers; unspecified ones; several values; overrides by name."""
    policy = (
        '<validate-parameters specified-parameter-action="prevent" unspecified-parameter-action="prevent">'
        '<headers specified-parameter-action="prevent" unspecified-parameter-action="ignore">'
        '<parameter name="x-evil" action="prevent" /></headers>'
        '<query><parameter name="Debug" action="ignore" /></query></validate-parameters>'
    )
    serve(lab, policy)
    for path in (
        "/shop/orders/abc?tags=1", "/SHOP/orders/abc?tags=1&tags=2&page=9", "/shop/orders/abc?tags=1&debug=1",
    ):  # fmt: skip
        assert post(lab, GOOD, path=path).status == 200, path
    for path, said in (
        ("/shop/orders/abc", "The required query parameter tags is missing."),
        ("/shop/orders/abc?tags=x", "The value of the query parameter tags does not conform"),
        ("/shop/orders/abc?tags=1&page=10", "exceeds maximum value of 9."),
        ("/shop/orders/abc?tags=1&page=1&page=2", "cannot contain multiple values for the query parameter page."),
        ("/shop/orders/abc?tags=1&other=1", "Unspecified query parameter other is not allowed."),
        ("/shop/orders/ABC?tags=1", "The value of the path parameter id does not conform"),
    ):
        answer = post(lab, GOOD, path=path)
        assert answer.status == 400, path
        assert said in answer.json["message"], (path, answer.json)
    assert post(lab, GOOD, ("x-region", "east")).status == 400
    assert post(lab, GOOD, ("x-region", "west")).status == 200
    assert post(lab, GOOD, ("x-evil", "1")).json["message"] == "Unspecified header x-evil is not allowed."


def test_statuses_and_headers_of_responses(lab: Lab) -> None:
    """What the specification does not have becomes 502 with general words."""
    serve(
        lab,
        outbound='<set-status code="204" /><validate-status-code unspecified-status-code-action="prevent">'
        '<status-code code="204" action="ignore" /></validate-status-code><set-status code="418" />'
        '<validate-status-code unspecified-status-code-action="prevent" errors-variable-name="e" />',
    )
    answer = post(lab, GOOD)
    assert (answer.status, answer.json) == (502, {"statusCode": 502, "message": GENERIC})
    assert answer.header("x-reason") == "Response not allowed"
    assert answer.header("x-message") == "Response status code 418 is not allowed."
    set_rate = '<set-header name="X-Rate" exists-action="override"><value>{}</value></set-header>'
    check = '<validate-headers specified-header-action="prevent" unspecified-header-action="{}" />'
    for before, action, status in (("", "ignore", 502), ("5", "ignore", 200), ("x", "ignore", 502)):
        outbound = (set_rate.format(before) if before else "") + check.format(action)
        policy = document(outbound=f"<base />{outbound}")
        lab.apply("", artifacts=api("shop", specification=SPECIFICATION, policy=policy, **URL))
        assert post(lab, GOOD).status == status, before


def test_a_schema_that_cannot_be_checked_closes_its_operation(lab: Lab) -> None:
    """It would let through what it promises to refuse."""
    broken = json.loads(json.dumps(SPECIFICATION))
    broken["components"]["schemas"]["Order"]["patternProperties"] = {"^x": {}}
    lab.http("echo")
    policy = document("<base />" + CONTENT.format(action="prevent", more=""))
    lab.apply("", artifacts=api("shop", specification=broken, policy=policy, **URL), errors=True)
    assert [place.partition(":")[0] for place in lab.found("TG1251")] == ["apis/shop/specification.yaml"]
    assert post(lab, GOOD).status == 503


def test_mock_response_answers_with_examples(lab: Lab) -> None:
    """By status and media type; made of the schema where there is no example."""
    specification = json.loads(json.dumps(SPECIFICATION))
    specification["paths"]["/orders/{id}"]["post"]["responses"] = {
        "200": {
            "description": "",
            "content": {
                "application/json": {"example": {"a": 1}},
                "text/plain": {"examples": {"x": {"value": "plain"}}},
            },
        },
        "201": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Line"}}}},
    }
    lab.http("echo")
    for attributes, status, body in (
        ("", 200, '{\n  "a": 1\n}'),
        ('content-type="text/plain"', 200, "plain"),
        ('status-code="201"', 201, '{\n  "sku": "string"\n}'),
        ('status-code="202"', 202, ""),
    ):
        policy = document(f"<base /><mock-response {attributes} />")
        lab.apply("", artifacts=api("shop", specification=specification, policy=policy, **URL))
        answer = post(lab, GOOD)
        assert (answer.status, answer.body.decode()) == (status, body), attributes
