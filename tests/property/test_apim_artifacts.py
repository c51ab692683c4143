"""Whatever stands in API Management's artifacts, compiling ends with a compilation and its findings."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from apim_files import api, document, product, subscription
from compiling import compiled

NEEDING = document(
    '<base /><validate-parameters specified-parameter-action="prevent" unspecified-parameter-action="prevent" />'
    '<validate-content unspecified-content-type-action="prevent" max-size="9" size-exceeded-action="prevent">'
    '<content validate-as="json" action="prevent" /></validate-content><choose><when condition="@(true)">'
    "<mock-response /></when></choose>",
    outbound='<validate-status-code unspecified-status-code-action="prevent" />',
)
FILES = {
    **api("shop", {"a": "GET /a/{id}"}, policy=NEEDING, serviceUrl="http://a.test"),
    **product("gold", "shop", policy=document()),
    **subscription("s", "/products/gold", "k"),
    "version sets/v/versionSetInformation.json": '{"properties": {"versioningScheme": "Segment"}}',
    "backends/b/backendInformation.json": '{"properties": {"url": "http://b.test"}}',
    "named values/n/namedValueInformation.json": '{"properties": {"displayName": "n", "value": "v"}}',
    "configuration.local.yaml": "apis: []",
}  # fmt: skip
WORDS = (
    "properties", "path", "shop", "scope", "/apis", "type", "object", "array", "string", "$ref", "schema",
    "#/components/schemas/A", "parameters", "name", "in", "query", "header", "body", "required", "content",
    "application/json",
    "responses", "200", "default", "examples", "example", "items", "enum", "allOf", "oneOf", "requestBody", "headers",
    "displayName", "serviceUrl", "apiVersion", "apiVersionSetId", "/apiVersionSets/v", "pool", "services",
    "circuitBreaker", "value", "url", "components", "schemas", "minimum", "pattern", "style", "explode",
    "additionalProperties", "not",
    "${NAME}", "http://[", "http://a:b", "", "{{n}}", "consumes", "produces",
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=6)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FILES)), VALUES)
def test_any_value_in_any_file(path: str, value: Any) -> None:
    """JSON is YAML, too."""
    text = json.dumps(value)
    compilation = compiled({**FILES, path: text}, values={"TIDEGATE_ENVIRONMENT": "local"})
    assert compilation.snapshot.digest


@settings(max_examples=120, deadline=None)
@given(VALUES, VALUES, VALUES)
def test_any_description_of_an_operation(operation: Any, item: Any, components: Any) -> None:
    """Specifications that policies ask about, down to their schemas."""
    entry = {**(item if isinstance(item, dict) else {"parameters": item}), "get": operation}
    for version in ({"openapi": "3.0.1"}, {"swagger": "2.0"}):
        specification = {**version, "paths": {"/a/{id}": entry}, "components": components, "definitions": components}
        text = json.dumps(specification)
        compilation = compiled({**FILES, "apis/shop/specification.yaml": text})
        assert compilation.snapshot.digest
